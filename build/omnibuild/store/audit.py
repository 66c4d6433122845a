"""Reads every byte of a store again and compares it with its name."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from omnibuild.errors import StoreDamaged
from omnibuild.files import sha256_of
from omnibuild.store.local import LocalStore
from omnibuild.store.result import BuildResult
from omnibuild.store.tree import EntryKind

_WORKERS = 2


@dataclass(frozen=True, slots=True)
class Audit:
    """What is wrong: ``damaged`` files, and the ``unusable`` results that need them or lack a part."""

    files: int
    size: int
    damaged: tuple[Path, ...]
    unusable: tuple[BuildResult, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.damaged or self.unusable)


def audit(store: LocalStore) -> Audit:
    """Hash every object and tree; nothing is changed."""
    paths = [*store.files("objects"), *store.files("trees")]
    with ThreadPoolExecutor(_WORKERS) as pool:
        good = list(pool.map(_is_sound, paths))
    damaged = {path for path, sound in zip(paths, good, strict=True) if not sound}
    unusable = [result for result in store.results() if any(_wrong(store, result, damaged))]
    size = sum(path.stat().st_size for path in paths)
    return Audit(len(paths), size, tuple(sorted(damaged)), tuple(unusable))


def drop(store: LocalStore, found: Audit) -> None:
    """Remove what is damaged and forget the results that need it: they are built anew."""
    for result in found.unusable:
        store.forget(result.key)
    for path in found.damaged:
        path.unlink(missing_ok=True)


def _is_sound(path: Path) -> bool:
    digest, _, mode = path.name.partition(".")
    if mode == "json":
        return sha256_of(path) == digest
    return f"{path.stat().st_mode & 0o777:04o}" == mode and sha256_of(path) == digest


def _wrong(store: LocalStore, result: BuildResult, damaged: set[Path]) -> Iterator[bool]:
    try:
        entries = store.tree(result.tree).entries
    except (StoreDamaged, ValueError, KeyError):
        yield True
        return
    for entry in entries:
        if entry.kind is EntryKind.FILE:
            path = store.object_path(entry)
            yield path in damaged or not path.is_file()
