"""From built components to dist/: assemble, check, package, verify, report.

Everything that goes into the packages is hashed into one key. While the key and the files in
dist/ are as the last report says, there is nothing to do.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from omnibuild import __version__, events
from omnibuild.checks.base import Subject
from omnibuild.checks.release_description import ReleaseDescription, describe
from omnibuild.checks.release_diff import diff
from omnibuild.checks.release_gate import judge
from omnibuild.checks.release_text import to_markdown
from omnibuild.checks.run import CheckReport, run_checks
from omnibuild.errors import CheckFailed
from omnibuild.files import remove_tree, sha256_of, write_atomic
from omnibuild.licence_files import LICENSES, licence_name
from omnibuild.packaging.build import BuiltPackage, build_packages
from omnibuild.packaging.contents import Content, ContentKind, Format, contents_of
from omnibuild.packaging.depends import SystemNeeds
from omnibuild.packaging.documentation import Licensed, documents, notices_of
from omnibuild.packaging.extras import extra_contents
from omnibuild.packaging.nfpm import find_nfpm
from omnibuild.packaging.spec import spec_of
from omnibuild.pipeline import report
from omnibuild.pipeline.assemble import Assembly, assemble, subject
from omnibuild.pipeline.build import BuildOutcome
from omnibuild.pipeline.plan import Planner
from omnibuild.pipeline.records import MANIFEST_JSON, MANIFEST_TEXT, record_files
from omnibuild.pipeline.sourcing import Sources
from omnibuild.store.local import LocalStore
from omnibuild.store.result import BuildResult

CHECK_REPORT = "check-report.json"
RELEASE = "release.json"
RELEASE_DIFF = "release-diff.md"
SUMS = "SHA256SUMS"


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
        judged. Raises CheckFailed before anything is packaged, PackageMismatch after.
        """
        records = record_files(self._project, self._sources)
        key = self._key(outcome.results, records, formats, previous)
        present = report.unchanged(self._output, key)
        if present is not None and not outcome.built:
            self._tell(events.Phase("nothing changed", f"{self._output} is up to date"))
            return Packaged(present, unchanged=True)
        started = time.monotonic()
        work = self._store.scratch("package")
        try:
            return self._package(outcome, records, key, formats, previous, work, started)
        finally:
            remove_tree(work)

    def _package(  # noqa: PLR0913, PLR0917 - the parts of run(), once it is clear that there is work
        self,
        outcome: BuildOutcome,
        records: Mapping[str, bytes],
        key: str,
        formats: tuple[Format, ...],
        previous: Path | None,
        work: Path,
        started: float,
    ) -> Packaged:
        lineup = self._project.lineup
        self._tell(events.Phase("assembling", f"{len(self._project.shipped())} components below {lineup.root}"))
        assembly = assemble(self._project, self._store, outcome.results, work / "root")
        seen = subject(self._project, assembly, outcome.results)
        checked = self.check(seen)
        release = describe(seen, name=lineup.name, version=lineup.version)
        write_atomic(self._output / RELEASE, release.dump())
        if previous is not None:
            self._gate(previous, release)
        self._tell(events.Phase("packaging", ", ".join(formats)))
        needs = SystemNeeds.of(_system_needs(seen))
        spec = spec_of(lineup, self._contents(assembly, records, work), needs, self._project.directory)
        built = build_packages(spec, formats=formats, output=self._output)
        for package in built:
            self._tell(events.Phase("verified", f"{package.path} ({package.size >> 20} MiB, {package.seconds:.1f}s)"))
        return self._finish(outcome, records, key, built, checked, started)

    def check(self, seen: Subject) -> CheckReport:
        """Run every check on the prefix and write its report; CheckFailed when an error remains."""
        checked = run_checks(seen)
        document = json.dumps(checked.to_json(), indent=1, sort_keys=True) + "\n"
        write_atomic(self._output / CHECK_REPORT, document.encode())
        for finding in checked.warnings:
            self._tell(events.Warned(report.finding_line(finding)))
        if checked.errors:
            lines = [report.finding_line(finding) for finding in checked.errors]
            raise CheckFailed(
                "\n".join(lines) + f"\n{len(lines)} error(s); all in {self._output / CHECK_REPORT}",
                hint=f"omnibuild check --explain {checked.errors[0].problem.check}",
            )
        counts = f"no error, {len(checked.warnings)} warning(s), {len(checked.skipped)} opted out"
        self._tell(events.Phase("checked", counts))
        return checked

    def _gate(self, previous: Path, release: ReleaseDescription) -> None:
        difference = diff(ReleaseDescription.load(previous.read_bytes(), where=str(previous)), release)
        write_atomic(self._output / RELEASE_DIFF, to_markdown(difference).encode())
        findings = judge(difference, self._project.lineup.policy.severity)
        errors = [report.finding_line(finding) for finding in findings if finding.severity == "error"]
        for finding in findings:
            if finding.severity == "warning":
                self._tell(events.Warned(report.finding_line(finding)))
        if errors:
            raise CheckFailed(
                "\n".join(errors), hint=f"see {self._output / RELEASE_DIFF}; set policy.severity if it is meant"
            )

    def _contents(self, assembly: Assembly, records: Mapping[str, bytes], work: Path) -> tuple[Content, ...]:
        lineup = self._project.lineup
        folder = work / "records"
        folder.mkdir()
        extras = list(extra_contents(lineup.package, self._project.directory))
        extras += documents(lineup, self._licensed(assembly), self._project.directory, folder)
        for number, (path, data) in enumerate(sorted(records.items())):
            file = folder / f"record-{number}"
            file.write_bytes(data)
            digest = hashlib.sha256(data).hexdigest()
            extras.append(
                Content(f"{lineup.root}/{path}", ContentKind.FILE, 0o644, source=file, sha256=digest, size=len(data))
            )
        return contents_of(lineup.root, assembly.entries, self._store.object_path, extras)

    def _licensed(self, assembly: Assembly) -> Iterable[Licensed]:
        for name in assembly.trees:
            recipe = self._project.recipes[name].recipe
            texts = [f"{LICENSES}/{licence_name(name, file)}" for file in recipe.license_files]
            found = [assembly.directory / text for text in texts]
            notices = [line for path in found for line in notices_of(path.read_text(errors="replace"))]
            yield Licensed(
                name,
                recipe.version,
                recipe.license,
                recipe.homepage or "",
                tuple(f"{self._project.lineup.root}/{text}" for text in texts),
                tuple(notices),
            )

    def _finish(
        self,
        outcome: BuildOutcome,
        records: Mapping[str, bytes],
        key: str,
        built: tuple[BuiltPackage, ...],
        checked: CheckReport,
        started: float,
    ) -> Packaged:
        for name in (MANIFEST_JSON, MANIFEST_TEXT):
            write_atomic(self._output / name, records[name])
        named = [package.path.name for package in built] + [MANIFEST_JSON, MANIFEST_TEXT, RELEASE]
        digests = {package.path.name: package.sha256 for package in built}
        sums = "".join(f"{digests.get(n) or sha256_of(self._output / n)}  {n}\n" for n in sorted(named))
        write_atomic(self._output / SUMS, sums.encode())
        files = tuple(self._output / name for name in (*named, SUMS))
        seconds = time.monotonic() - started
        report.write(self._output, report.Report(self._planner, outcome, checked, built, files, key, seconds))
        return Packaged(files, unchanged=False)

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


def _system_needs(seen: Subject) -> Iterable[tuple[str, str]]:
    allowed = frozenset(seen.policy.system_libraries)
    for file in seen.elves:
        yield from ((soname, "") for soname in file.elf.needed if soname in allowed)
        yield from ((need.library, need.version) for need in file.elf.version_needs if need.library in allowed)


def _own_digest() -> str:
    """Return a digest of omnibuild's own code: another packager may write other bytes."""
    folder = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _digest_or_missing(path: Path) -> str:
    return sha256_of(path) if path.is_file() else "missing"
