"""From built components to dist/, or nothing at all when nothing changed.

Everything that goes into the packages is hashed into one key. While the key and the files in
dist/ are as the last report says, there is nothing to do, and what it would take is not even
imported.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from omnibuild import __version__, events
from omnibuild.files import full_disk_told, sha256_of
from omnibuild.packaging.contents import Format
from omnibuild.packaging.nfpm import find_nfpm
from omnibuild.pipeline.build import BuildOutcome
from omnibuild.pipeline.plan import Planner
from omnibuild.pipeline.records import record_files
from omnibuild.pipeline.sourcing import Sources
from omnibuild.pipeline.stamps import unchanged
from omnibuild.store.local import LocalStore
from omnibuild.store.result import BuildResult


@dataclass(frozen=True, slots=True)
class Packaged:
    """What ``dist`` holds now; ``unchanged`` when nothing had to be done."""

    files: tuple[Path, ...]
    unchanged: bool


class Packager:
    """Packages one project into one output folder."""

    def __init__(
        self, planner: Planner, store: LocalStore, sources: Sources, output: Path, listener: events.Listener
    ) -> None:
        self._project = planner.project
        self._planner = planner
        self._store = store
        self._sources = sources
        self._output = output
        self._tell = listener

    def run(
        self,
        outcome: BuildOutcome,
        *,
        formats: tuple[Format, ...] = tuple(Format),
        previous: Path | None = None,
    ) -> Packaged:
        """Leave the packages of these results in the output folder.

        ``previous`` is the last release's release.json: the difference is reported and
        judged. Raises CheckFailed before anything is packaged, PackageMismatch after, HostLacks on
        a full disk.
        """
        records = record_files(self._project, self._sources)
        key = self._key(outcome.results, records, formats, previous)
        present = unchanged(self._output, key)
        if present is not None and not outcome.built:
            self._tell(events.Phase("nothing changed", f"{self._output} is up to date"))
            return Packaged(present, unchanged=True)
        from omnibuild.pipeline.release import Release, write_release  # noqa: PLC0415 - only when there is work

        release = Release(
            self._planner,
            self._store,
            outcome,
            records,
            key=key,
            formats=formats,
            previous=previous,
            output=self._output,
        )
        with full_disk_told(self._output):
            return Packaged(write_release(release, self._tell), unchanged=False)

    def _key(
        self,
        results: Mapping[str, BuildResult],
        records: Mapping[str, bytes],
        formats: tuple[Format, ...],
        previous: Path | None,
    ) -> str:
        lineup = self._project.lineup
        package = lineup.package
        named = [package.changelog, package.lintian_overrides, *(extra.source for extra in package.files)]
        paths = filter(None, (*named, *package.scripts.model_dump().values()))
        nfpm = find_nfpm().stat()
        parts = {
            "omnibuild": f"{__version__} {_own_digest()}",
            "nfpm": [nfpm.st_size, nfpm.st_mtime_ns],
            "lineup": lineup.model_dump(mode="json"),
            "recipes": [self._project.recipes[name].recipe.model_dump(mode="json") for name in self._project.shipped()],
            "trees": {name: results[name].tree for name in self._project.shipped()},
            "records": {path: hashlib.sha256(data).hexdigest() for path, data in records.items()},
            "files": {path: _digest_or_missing(self._project.directory / path) for path in paths},
            "formats": [str(item) for item in formats],
            "previous": _digest_or_missing(previous) if previous else "",
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _own_digest() -> str:
    """Return a digest of omnibuild's own code: another packager may write other bytes."""
    folder = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _digest_or_missing(path: Path) -> str:
    return sha256_of(path) if path.is_file() else "missing"
