"""Paths that two components ship differently."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from omnibuild.checks.base import Built, Problem, Severity, Subject
from omnibuild.checks.filetree import folders_above
from omnibuild.store.tree import Entry, EntryKind

NAME = "collisions"
SEVERITY = Severity.ERROR
HINT = "remove the path from one of the components with payload.remove"
EXPLAIN = (
    "Two components may ship one path only if it is identical: same bytes and mode, same link target, or a "
    "directory with the same mode. Otherwise the order of assembly would decide which of them the package "
    "holds. A file or link of one component where another has a folder with files is a collision too."
)


def find(subject: Subject) -> Iterator[Problem]:
    """Yield each collision of the assembled components."""
    return find_collisions(subject.components)


def find_collisions(components: Mapping[str, Built]) -> Iterator[Problem]:
    """Yield each path that cannot be laid out, named for the later component; reads no file."""
    first: dict[str, tuple[str, Entry]] = {}
    for name, built in components.items():
        for entry in built.entries:
            other, theirs = first.setdefault(entry.path, (name, entry))
            if theirs is not entry and theirs != entry:
                message = f"{_describe(entry)} here, but {_describe(theirs)} in {other}"
                yield Problem(NAME, name, entry.path, message)
    yield from _files_as_folders(first)


def _files_as_folders(first: Mapping[str, tuple[str, Entry]]) -> Iterator[Problem]:
    for folder in sorted(folders_above(first) & first.keys()):
        owner, entry = first[folder]
        if entry.kind is not EntryKind.DIRECTORY:
            path, (name, _) = min(item for item in first.items() if item[0].startswith(f"{folder}/"))
            yield Problem(NAME, owner, folder, f"{_describe(entry)} here, but {name} has {path} below it")


def _describe(entry: Entry) -> str:
    match entry.kind:
        case EntryKind.FILE:
            return f"a file of mode {entry.mode:04o} with sha256 {entry.sha256[:12]}…"
        case EntryKind.SYMLINK:
            return f"a link to {entry.target!r}"
        case EntryKind.DIRECTORY:
            return f"a directory of mode {entry.mode:04o}"
