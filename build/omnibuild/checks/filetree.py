"""The files of all components as one tree, its symlinks followed as the kernel would."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from omnibuild.store.tree import Entry, EntryKind


class Where(StrEnum):
    """Where following a path ended."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    MISSING = "missing"
    LOOP = "loop"


@dataclass(frozen=True, slots=True)
class Followed:
    """The end of a path: relative to the root when it is inside, else as far as it went."""

    where: Where
    path: str


class FileTree:
    """Entries by path relative to the root, and who ships them.

    Two components may ship one path when they agree on it (see collisions.py).
    """

    def __init__(self, root: str, components: Mapping[str, Iterable[Entry]]) -> None:
        self.root = root.rstrip("/")
        self.entries: dict[str, Entry] = {}
        self.owners: dict[str, tuple[str, ...]] = {}
        for name, entries in components.items():
            for entry in entries:
                self.entries[entry.path] = entry
                self.owners[entry.path] = (*self.owners.get(entry.path, ()), name)
        self._directories = folders_above(self.entries)
        self._followed: dict[str, Followed] = {}

    def relative(self, installed: str) -> str | None:
        """Return an installed path relative to the root ("." for the root); None if outside."""
        normal = posixpath.normpath(installed)
        if normal == (self.root or "/"):
            return "."
        return normal.removeprefix(f"{self.root}/") if normal.startswith(f"{self.root}/") else None

    def installed(self, path: str) -> str:
        """Return the installed path of a path relative to the root."""
        return self.root if path == "." else f"{self.root}/{path}"

    def follow(self, installed: str) -> Followed:
        """Return what an absolute installed path leads to, every symlink on the way followed."""
        known = self._followed.get(installed)
        if known is None:
            self._followed[installed] = Followed(Where.LOOP, installed)  # what meeting it again on the way means
            known = self._followed[installed] = self._step(installed)
        return known

    def _step(self, installed: str) -> Followed:
        if installed == self.root:
            return Followed(Where.INSIDE, ".")
        if not installed.startswith(f"{self.root}/"):
            return Followed(Where.OUTSIDE, installed)
        head, _, name = installed.rpartition("/")
        folder = self.follow(head)
        if name in {"", "."} or folder.where in {Where.MISSING, Where.LOOP}:
            return folder
        if folder.where is Where.OUTSIDE or name == "..":
            return self._beside(folder, name)
        path = name if folder.path == "." else f"{folder.path}/{name}"
        entry = self.entries.get(path)
        if entry is not None and entry.kind is EntryKind.SYMLINK:
            base = "" if entry.target.startswith("/") else f"{self.installed(folder.path)}/"
            return self.follow(base + entry.target)
        known = entry is not None or path in self._directories
        return Followed(Where.INSIDE if known else Where.MISSING, path)

    def _beside(self, folder: Followed, name: str) -> Followed:
        # Above the root only the text can be followed; it may come back, as $ORIGIN/../../opt/x does.
        start = folder.path if folder.where is Where.OUTSIDE else self.installed(folder.path)
        path = posixpath.normpath(f"{start}/{name}")
        inside = self.relative(path)
        return Followed(Where.OUTSIDE, path) if inside is None else Followed(Where.INSIDE, inside)


def folders_above(paths: Iterable[str]) -> set[str]:
    """Return every folder that is above one of these paths."""
    found: set[str] = set()
    for path in paths:
        at = path.rfind("/")
        while at > 0 and path[:at] not in found:
            found.add(path[:at])
            at = path.rfind("/", 0, at)
    return found
