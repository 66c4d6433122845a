"""What the dynamic loader would load for each file, from the tree alone: ldd without running it.

The rules are glibc's (elf/dl-load.c, ld.so(8)), and each file is taken for the main program,
as ldd does. For a library that means that an executable's DT_RPATH, or a library that some
program loads beforehand, does not count.
"""

from __future__ import annotations

import posixpath
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from omnibuild.checks.elf import Elf
from omnibuild.checks.filetree import FileTree, Where


@dataclass(frozen=True, slots=True)
class Edge:
    """One resolved need: ``user`` (path) loads ``library`` (its name) from ``provider`` (path)."""

    user: str
    library: str
    provider: str


@dataclass(frozen=True, slots=True)
class Unresolved:
    """One need that fails: the ``library``, or the ``version`` of it when that alone is missing."""

    user: str
    library: str
    version: str = ""
    provider: str = ""


@dataclass(frozen=True, slots=True)
class Closure:
    """All that one file loads, directly and not."""

    edges: tuple[Edge, ...]
    unresolved: tuple[Unresolved, ...]


@dataclass(frozen=True)
class _Object:
    """A loaded file: where it was found (which is what $ORIGIN means) and who loaded it."""

    path: str
    found_as: str
    elf: Elf
    loader: _Object | None

    @cached_property
    def origin(self) -> str:
        return posixpath.dirname(self.found_as)

    def directories(self, written: tuple[str, ...]) -> list[str]:
        """Return a search list's absolute directories; others mean nothing to a package."""
        expanded = [expand_origin(item, self.origin) for item in written]
        return [item for item in expanded if item.startswith("/") and "$" not in item]


def expand_origin(item: str, origin: str) -> str:
    """Return one element of a search list with $ORIGIN replaced."""
    return item.replace("${ORIGIN}", origin).replace("$ORIGIN", origin)


class Linker:
    """Resolves needs inside a tree; ``elf_at`` gives the ELF facts of a path."""

    def __init__(self, tree: FileTree, elf_at: Callable[[str], Elf | None], system: frozenset[str]) -> None:
        self._tree = tree
        self._elf_at = elf_at
        self._system = system

    def closure(self, path: str) -> Closure:
        """Return what the loader does for this file, breadth first; empty for a static file."""
        elf = self._elf_at(path)
        if elf is None or not elf.is_linked:
            return Closure((), ())
        main = _Object(path, self._tree.installed(path), elf, None)
        loaded: dict[str, _Object | None] = {}
        files = {path: main}
        if elf.soname:
            loaded[elf.soname] = main
        edges: list[Edge] = []
        unresolved: list[Unresolved] = []
        queue = deque([main])
        while queue:
            user = queue.popleft()
            for name in user.elf.needed:
                if name not in loaded:
                    found = self._load(name, user, files)
                    if isinstance(found, Unresolved):
                        unresolved.append(found)
                        continue
                    self._remember(name, found, loaded, files, queue)
                provider = loaded[name]
                if provider is not None:
                    edges.append(Edge(user.path, name, provider.path))
                    unresolved.extend(_missing_versions(user, name, provider))
        return Closure(tuple(edges), tuple(unresolved))

    @staticmethod
    def _remember(
        name: str,
        found: _Object | None,
        loaded: dict[str, _Object | None],
        files: dict[str, _Object],
        queue: deque[_Object],
    ) -> None:
        loaded[name] = found
        if found is None:
            return
        if found.elf.soname:
            loaded.setdefault(found.elf.soname, found)
        if found.path not in files:
            files[found.path] = found
            queue.append(found)

    def _load(self, name: str, user: _Object, files: dict[str, _Object]) -> _Object | Unresolved | None:
        """Find a library: an object, None for one of the system's, or the failure."""
        for candidate in self._candidates(name, user):
            followed = self._tree.follow(candidate)
            if followed.where is not Where.INSIDE:
                continue
            elf = self._elf_at(followed.path)
            if elf is None or (elf.bits, elf.machine) != (user.elf.bits, user.elf.machine):
                continue
            return files.get(followed.path) or _Object(followed.path, candidate, elf, user)
        if name in self._system:
            return None
        return Unresolved(user.path, name)

    @staticmethod
    def _candidates(name: str, user: _Object) -> Iterator[str]:
        if "/" in name:
            yield expand_origin(name, user.origin)
            return
        for directory in search_path(user):
            yield f"{directory}/{name}"


def search_path(user: _Object) -> Iterator[str]:
    """Yield the directories searched for the needs of ``user``, before the system's own.

    DT_RUNPATH serves the file's own needs only and replaces its DT_RPATH; without one, the
    DT_RPATH of the file, of its loader and so on up to the program are searched.
    """
    if user.elf.runpath is not None:
        yield from user.directories(user.elf.runpath)
        return
    at: _Object | None = user
    while at is not None:
        if at.elf.rpath is not None and at.elf.runpath is None:
            yield from at.directories(at.elf.rpath)
        at = at.loader


def _missing_versions(user: _Object, name: str, provider: _Object) -> Iterator[Unresolved]:
    defined = provider.elf.version_definitions
    if not defined:  # the loader then warns at most
        return
    for need in user.elf.version_needs:
        if need.library == name and not need.weak and need.version not in defined:
            yield Unresolved(user.path, name, need.version, provider.path)
