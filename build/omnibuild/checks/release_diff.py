"""The difference between two releases, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Generic, TypeVar

from omnibuild.checks.release_description import ReleaseDescription
from omnibuild.store.tree import Entry, EntryKind

FORMAT = 1
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Change(Generic[T]):
    """A value that was and is; None where it did not or does not exist."""

    old: T | None
    new: T | None


@dataclass(frozen=True, slots=True)
class ReleaseDiff:
    """All that differs, each by name or path in sorted order; empty mappings mean equal.

    ``sizes`` are bytes by component, ``size`` is the total; ``modes`` and ``setuid`` are
    permission bits.
    """

    name: Change[str]
    version: Change[str]
    versions: Mapping[str, Change[str]]
    licenses: Mapping[str, Change[str]]
    sizes: Mapping[str, Change[int]]
    size: Change[int]
    sonames_added: tuple[str, ...]
    sonames_removed: Mapping[str, tuple[str, ...]]
    setuid: Mapping[str, Change[int]]
    files_added: tuple[str, ...]
    files_removed: tuple[str, ...]
    files_changed: tuple[str, ...]
    modes: Mapping[str, Change[int]]

    def to_json(self) -> dict[str, Any]:
        """Return the difference as plain data; modes are octal strings."""
        data = asdict(self)
        for key in ("setuid", "modes"):
            data[key] = {path: _octal(change) for path, change in getattr(self, key).items()}
        return {"format": FORMAT, **data}


def diff(old: ReleaseDescription, new: ReleaseDescription) -> ReleaseDiff:
    """Return what changed from ``old`` to ``new``; pure."""
    both = sorted(old.files.keys() & new.files.keys())
    modes = {path: Change(old.files[path].mode, new.files[path].mode) for path in both}
    gone = {soname: old.sonames[soname] for soname in sorted(old.sonames.keys() - new.sonames.keys())}
    return ReleaseDiff(
        name=Change(old.name, new.name),
        version=Change(old.version, new.version),
        versions=_facts(old, new, "version"),
        licenses=_facts(old, new, "license"),
        sizes=_facts(old, new, "size"),
        size=Change(old.size, new.size),
        sonames_added=tuple(sorted(new.sonames.keys() - old.sonames.keys())),
        sonames_removed=gone,
        setuid=_changes(old.setuid, new.setuid),
        files_added=tuple(sorted(new.files.keys() - old.files.keys())),
        files_removed=tuple(sorted(old.files.keys() - new.files.keys())),
        files_changed=tuple(path for path in both if _substance(old.files[path]) != _substance(new.files[path])),
        modes={path: change for path, change in modes.items() if change.old != change.new},
    )


def _facts(old: ReleaseDescription, new: ReleaseDescription, field: str) -> dict[str, Change[Any]]:
    return _changes(
        {name: getattr(facts, field) for name, facts in old.components.items()},
        {name: getattr(facts, field) for name, facts in new.components.items()},
    )


def _changes(old: Mapping[str, T], new: Mapping[str, T]) -> dict[str, Change[T]]:
    pairs = ((key, Change(old.get(key), new.get(key))) for key in sorted(old.keys() | new.keys()))
    return {key: change for key, change in pairs if change.old != change.new}


def _substance(entry: Entry) -> tuple[EntryKind, str, str]:
    return entry.kind, entry.sha256, entry.target


def _octal(change: Change[int]) -> dict[str, str | None]:
    return {side: None if value is None else f"{value:04o}" for side, value in asdict(change).items()}
