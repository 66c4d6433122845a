"""A tree: the exact files of one payload as sorted entries, with one digest over all of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from omnibuild.errors import StoreDamaged

FORMAT = 1


class EntryKind(StrEnum):
    """What a path is; devices, sockets and pipes are never part of a payload."""

    FILE = "file"
    SYMLINK = "symlink"
    DIRECTORY = "directory"


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One path, relative to the root with ``/`` separators.

    ``mode`` holds the permission bits, setuid and sticky included (0 for a symlink);
    ``sha256`` and ``size`` (bytes) are a file's, ``target`` a symlink's. Names that are not
    UTF-8 are held with surrogate escapes (PEP 383).
    """

    path: str
    kind: EntryKind
    mode: int = 0
    sha256: str = ""
    size: int = 0
    target: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the entry as the short object that tree files hold."""
        match self.kind:
            case EntryKind.FILE:
                return {"path": self.path, "mode": f"{self.mode:04o}", "sha256": self.sha256, "size": self.size}
            case EntryKind.SYMLINK:
                return {"path": self.path, "target": self.target}
            case EntryKind.DIRECTORY:
                return {"path": self.path, "mode": f"{self.mode:04o}"}

    @classmethod
    def parse(cls, data: dict[str, Any]) -> Entry:
        """Return the entry that ``to_json`` wrote."""
        path = data["path"]
        if "target" in data:
            return cls(path, EntryKind.SYMLINK, target=data["target"])
        mode = int(data["mode"], 8)
        if "sha256" in data:
            return cls(path, EntryKind.FILE, mode, data["sha256"], data["size"])
        return cls(path, EntryKind.DIRECTORY, mode)


@dataclass(frozen=True)
class Tree:
    """Entries sorted by path; equal trees have equal digests, whatever order they came in."""

    entries: tuple[Entry, ...]

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Tree:
        """Return the tree of these entries, sorted."""
        return cls(tuple(sorted(entries)))

    @cached_property
    def digest(self) -> str:
        """The sha256 (hex) of the tree's canonical JSON."""
        return hashlib.sha256(self.dump()).hexdigest()

    @property
    def size(self) -> int:
        """The sum of the files' sizes in bytes."""
        return sum(entry.size for entry in self.entries)

    def dump(self) -> bytes:
        """Return the canonical JSON: one entry a line, so that two trees diff well."""
        lines = ",\n".join(json.dumps(entry.to_json(), sort_keys=True) for entry in self.entries)
        return f'{{"format": {FORMAT}, "entries": [\n{lines}\n]}}\n'.encode()

    @classmethod
    def load(cls, data: bytes, *, expect_digest: str) -> Tree:
        """Read what ``dump`` wrote; StoreDamaged if the bytes are not those of the digest."""
        found = hashlib.sha256(data).hexdigest()
        if found != expect_digest:
            raise StoreDamaged(f"tree {expect_digest}: content has sha256 {found}")
        document = json.loads(data)
        return cls(tuple(Entry.parse(item) for item in document["entries"]))
