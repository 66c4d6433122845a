"""Gets one source: from the cache, a mirror folder, or its locations in order; bytes must match the pin."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from omnibuild.errors import ChecksumMismatch, HostLacks, InvalidInput, SourceUnavailable
from omnibuild.recipe.model import Location, Source
from omnibuild.recipe.variables import expand
from omnibuild.sources.base import Fetched, FetchOptions, FetchProgress, LocationFailed, Progress, Reader, Request
from omnibuild.sources.hashing import copy_hashed
from omnibuild.sources.mirror import find_in_mirror
from omnibuild.sources.readers import reader_of
from omnibuild.sources.store import SourceStore


@dataclass(frozen=True, slots=True)
class FetchedSource:
    """A source whose bytes are as pinned.

    ``file_name`` is that of the first location with these bytes, whichever answered, so that
    it can be relied on where the source is not unpacked. ``label`` is the location that delivered, or ``cache``.
    ``warnings`` tell of locations that delivered other bytes.
    """

    sha256: str
    path: Path
    file_name: str
    label: str
    is_local: bool
    warnings: tuple[str, ...] = ()


def fetch_source(  # noqa: PLR0913 - keyword-only, each a different part of the world
    source: Source,
    *,
    variables: Mapping[str, str],
    recipe_dir: Path,
    store: SourceStore,
    options: FetchOptions,
    progress: Progress,
    where: str,
) -> FetchedSource:
    """Return the source, complete and verified; safe to call from several threads and processes.

    ``where`` names the source in errors (``recipes/zlib/recipe.yml: sources[0]``). Raises
    SourceUnavailable with each location's reason; ChecksumMismatch if no location delivered
    and one had other bytes; InvalidInput for a malformed location or a missing path; HostLacks on a full disk.
    """
    candidates = []
    for number, location in enumerate(source.locations):
        concrete = expand_location(location, variables, where=f"{where}.locations[{number}]")
        candidates.append(_Candidate(reader_of(concrete), source.digest_of(concrete)))
    search = _Search(candidates, recipe_dir, store, options, progress, where)
    with _disk_problems(store):
        return search.local() if source.is_local else search.run()


def expand_location(location: Location, variables: Mapping[str, str], *, where: str) -> Location:
    """Return the location with the recipe's variables replaced in all its texts."""

    def replaced(value: object) -> object:
        if isinstance(value, str):
            return expand(value, variables, where=where)
        if isinstance(value, dict):
            return {replaced(key): replaced(item) for key, item in value.items()}
        return value

    return Location.model_validate(replaced(location.model_dump(exclude_none=True)))


@dataclass(frozen=True, slots=True)
class _Candidate:
    reader: Reader
    sha256: str | None


@dataclass(slots=True)
class _Search:
    candidates: list[_Candidate]
    recipe_dir: Path
    store: SourceStore
    options: FetchOptions
    progress: Progress
    where: str
    warnings: list[str] = field(default_factory=list)
    failures: list[tuple[str, str]] = field(default_factory=list)
    mismatches: int = 0

    def _name(self, sha256: str | None) -> str:
        return next(one.reader.file_name for one in self.candidates if one.sha256 == sha256)

    def local(self) -> FetchedSource:
        candidate = self.candidates[0]
        with self.store.scratch() as work:
            fetched = self._read(candidate, work)
            if fetched and candidate.sha256 in {None, fetched.sha256}:
                name = candidate.reader.file_name
                path = self.store.adopt(fetched.path, fetched.sha256, name)
                return FetchedSource(fetched.sha256, path, name, candidate.reader.label, is_local=True)
            if fetched is None:
                reasons = "; ".join(reason for _, reason in self.failures)
                raise InvalidInput(
                    f"{self.where}: {reasons}", hint="correct the path: it is relative to the recipe's folder"
                )
            self._mismatch(fetched, str(candidate.sha256), candidate.reader)
        raise self._error()

    def run(self) -> FetchedSource:
        digests = dict.fromkeys(candidate.sha256 for candidate in self.candidates if candidate.sha256)
        for sha256 in digests:
            with self.store.lock(sha256, self.options):
                if found := self._cached(sha256) or self._mirrored(sha256):
                    return found
        for candidate in self.candidates:
            sha256 = str(candidate.sha256)
            with self.store.lock(sha256, self.options):
                if found := self._cached(sha256) or self._downloaded(candidate, sha256):
                    return found
        raise self._error()

    def _cached(self, sha256: str) -> FetchedSource | None:
        path = self.store.find(sha256, self.warnings.append)
        return self._result(path, sha256, "cache") if path else None

    def _mirrored(self, sha256: str) -> FetchedSource | None:
        for mirror in self.options.mirror_dirs:
            if (file := find_in_mirror(mirror, sha256)) is None:
                continue
            copy = self.store.work(sha256) / "mirror.part"
            fetched = Fetched(copy, copy_hashed(file, copy))
            if fetched.sha256 == sha256:
                return self._adopted(fetched, f"mirror {file}")
            self._other_bytes(fetched, sha256, f"mirror {file}", file.name)
        return None

    def _downloaded(self, candidate: _Candidate, sha256: str) -> FetchedSource | None:
        fetched = self._read(candidate, self.store.work(sha256))
        if fetched is None:
            return None
        if fetched.sha256 == sha256:
            return self._adopted(fetched, candidate.reader.label)
        self._mismatch(fetched, sha256, candidate.reader)
        return None

    def _read(self, candidate: _Candidate, work: Path) -> Fetched | None:
        reader = candidate.reader
        request = Request(
            candidate.sha256, work, self.store.cache, self.recipe_dir.absolute(), self.options, self.progress
        )
        self.progress(FetchProgress(reader.label, 0, None))
        try:
            return reader.read(request)
        except LocationFailed as error:
            self.failures.append((reader.label, error.message))
            return None

    def _adopted(self, fetched: Fetched, label: str) -> FetchedSource:
        path = self.store.adopt(fetched.path, fetched.sha256, self._name(fetched.sha256))
        self.store.done(fetched.sha256)
        return self._result(path, fetched.sha256, label)

    def _result(self, path: Path, sha256: str, label: str) -> FetchedSource:
        return FetchedSource(sha256, path, self._name(sha256), label, is_local=False, warnings=tuple(self.warnings))

    def _mismatch(self, fetched: Fetched, expected: str, reader: Reader) -> None:
        self._other_bytes(fetched, expected, reader.label, reader.file_name)

    def _other_bytes(self, fetched: Fetched, expected: str, label: str, name: str) -> None:
        kept = self.store.set_aside(fetched.path, fetched.sha256, name)
        reason = f"delivered other bytes: expected sha256 {expected}, got {fetched.sha256}; kept as {kept}"
        self.mismatches += 1
        self.failures.append((label, reason))
        self.warnings.append(f"{self.where}: {label} {reason}")

    def _error(self) -> SourceUnavailable | ChecksumMismatch:
        reasons = "".join(f"\n  {label}: {reason}" for label, reason in self.failures)
        if self.mismatches:
            return ChecksumMismatch(
                f"{self.where}: no location delivered the pinned bytes{reasons}",
                hint="compare the kept file with upstream's own checksum before changing the pin",
            )
        hint = "put the file into a folder as <its sha256> and pass --mirror-dir FOLDER"
        if self.options.offline:
            hint = f"run again without --offline, or {hint}"
        return SourceUnavailable(f"{self.where}: no location delivered the source{reasons}", hint=hint)


@contextmanager
def _disk_problems(store: SourceStore) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        what = "the disk is full" if full else f"{error.strerror}: {error.filename}"
        hint = "free some space, or choose another cache folder" if full else "check the folder's owner and mode"
        raise HostLacks(f"cannot read or write files of the source cache {store.cache}: {what}", hint=hint) from error
