"""Cleans a store: what no kept result refers to goes. Whoever sweeps must hold the store alone."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from omnibuild.errors import StoreDamaged
from omnibuild.files import remove_tree
from omnibuild.store.local import LocalStore
from omnibuild.store.result import BuildResult
from omnibuild.store.tree import EntryKind

_DAY_S = 86400


@dataclass(frozen=True, slots=True)
class Stored:
    """A result and when it was last of use (seconds since the epoch)."""

    result: BuildResult
    used_at: float


@dataclass(frozen=True, slots=True)
class Policy:
    """What stays: results used within ``days``, and the ``last`` newest of each component."""

    days: float
    last: int


@dataclass(frozen=True, slots=True)
class Swept:
    """What was removed (or would be): results, files and bytes; ``kept`` results stay."""

    removed: tuple[BuildResult, ...]
    kept: int
    files: int
    size: int


def stored(store: LocalStore) -> tuple[Stored, ...]:
    """Return every result with its last use, newest first."""
    found = [Stored(result, store.used_at(result.key)) for result in store.results()]
    return tuple(sorted(found, key=lambda item: (-item.used_at, item.result.key)))


def keep(found: Iterable[Stored], policy: Policy, current: Collection[str], now: float) -> frozenset[str]:
    """Return the keys of the results that stay; ``current`` are those of the line-ups as they are."""
    kept = set()
    count: defaultdict[str, int] = defaultdict(int)
    for item in sorted(found, key=lambda item: -item.used_at):
        name, key = item.result.name, item.result.key
        count[name] += 1
        if key in current or count[name] <= policy.last or now - item.used_at <= policy.days * _DAY_S:
            kept.add(key)
    return frozenset(kept)


def sweep(store: LocalStore, kept: Collection[str], *, days: float, dry_run: bool = False) -> Swept:
    """Remove all results but those kept, then every tree, object, log and failed tree without use.

    Logs and failed builds' trees stay for ``days``. Results go first: whatever happens, none
    is left that lacks a part.
    """
    results = list(store.results())
    removed = [result for result in results if result.key not in kept]
    trees = {result.tree for result in results if result.key in kept}
    objects = {path for digest in trees for path in _objects(store, digest)}
    doomed = [path for path in store.files("trees") if path.stem not in trees]
    doomed += [path for path in store.files("objects") if path not in objects]
    before = time.time() - days * _DAY_S
    old = [p for p in store.files("logs") if p.stem not in kept and p.lstat().st_mtime < before]
    size = sum(path.lstat().st_size for path in (*doomed, *old))
    if not dry_run:
        for result in removed:
            store.forget(result.key)
        for path in (*doomed, *old, *store.files("locks", "build-*")):
            path.unlink(missing_ok=True)
        for path in (store.directory / "scratch").glob("failed-*"):
            if path.lstat().st_mtime < before:
                remove_tree(path)
    return Swept(tuple(removed), len(results) - len(removed), len(doomed) + len(old), size)


def _objects(store: LocalStore, digest: str) -> Iterable[Path]:
    try:
        entries = store.tree(digest).entries
    except StoreDamaged:
        return ()
    return [store.object_path(entry) for entry in entries if entry.kind is EntryKind.FILE]
