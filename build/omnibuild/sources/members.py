"""The members of an archive, judged one by one before anything of them is written."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import IO

from omnibuild.errors import UnsafeArchive


@dataclass(frozen=True, slots=True)
class Limits:
    """The most an archive may hold; far above real sources (a JDK has 0.6 GiB, a kernel 90,000 files)."""

    total_bytes: int = 8 << 30
    members: int = 500_000
    path_bytes: int = 4000


DEFAULT_LIMITS = Limits()


class Kind(StrEnum):
    """What a member is."""

    FILE = "file"
    DIRECTORY = "folder"
    SYMLINK = "symbolic link"
    HARDLINK = "hard link"
    OTHER = "device, pipe or socket"


@dataclass(frozen=True, slots=True)
class Item:
    """One member as the archive states it; ``open`` gives a file's bytes, before the next member is asked for."""

    name: str
    kind: Kind
    size: int = 0
    executable: bool = False
    mtime_s: float = 0.0
    target: str = ""
    open: Callable[[], IO[bytes]] | None = None


@dataclass(slots=True)
class Inspector:
    """Judges members in the order they come, by what came before."""

    archive: str
    limits: Limits
    kinds: dict[str, Kind] = field(default_factory=dict)
    total_bytes: int = 0
    count: int = 0

    def admit(self, item: Item) -> str:
        """Return the member's normal path ("" for the root); UnsafeArchive if it must not be unpacked."""
        path = self.path(item, item.name)
        self._limit(item)
        if item.kind is Kind.OTHER:
            raise self.refusal(item, f"is a {item.kind}")
        for parent in _parents(path):
            if self.kinds.setdefault(parent, Kind.DIRECTORY) is not Kind.DIRECTORY:
                raise self.refusal(item, f"lies below {parent}, which is a {self.kinds[parent]}")
        known = self.kinds.setdefault(path, Kind.DIRECTORY) if not path else self.kinds.get(path)
        if known is not None and (known, item.kind) != (Kind.DIRECTORY, Kind.DIRECTORY):
            raise self.refusal(item, f"occurs twice, first as a {known}")
        self.kinds[path] = item.kind
        return path

    def path(self, item: Item, name: str) -> str:
        """Return ``name`` (the member's own, or a hard link's target) as a normal path inside the archive."""
        parts = [part for part in name.split("/") if part not in {"", "."}]
        if name.startswith("/"):
            raise self.refusal(item, "has an absolute path" if name == item.name else f"points to {name}")
        if ".." in parts or "\0" in name:
            raise self.refusal(item, "leaves the folder" if name == item.name else f"points to {name}")
        if len(name) > self.limits.path_bytes:
            raise self.refusal(item, f"has a path of {len(name)} characters")
        return "/".join(parts)

    def refuse_escape(self, path: str, target: str) -> None:
        """Refuse the symbolic link at ``path`` (relative to the final folder) if it leads out by its text."""
        landing = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        if target.startswith("/") or not target or landing == ".." or landing.startswith("../"):
            raise self.refusal(Item(path, Kind.SYMLINK), f"is a symbolic link to {target!r}, outside the folder")

    def refusal(self, item: Item, why: str) -> UnsafeArchive:
        """Return the error that names archive and member."""
        name = item.name.encode("utf-8", "backslashreplace").decode()
        return UnsafeArchive(
            f"{self.archive}: member {name[:200]!r} {why}",
            hint="nothing was unpacked; look where the archive came from, and whether the recipe pins the right one",
        )

    def _limit(self, item: Item) -> None:
        self.count += 1
        self.total_bytes += item.size
        if item.size < 0:
            raise self.refusal(item, "has a negative size")
        if self.count > self.limits.members:
            raise self.refusal(item, f"is one more than the {self.limits.members} that an archive may hold")
        if self.total_bytes > self.limits.total_bytes:
            raise self.refusal(item, f"takes the content above the limit of {self.limits.total_bytes} bytes")


def _parents(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
