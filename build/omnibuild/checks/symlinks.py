"""Symbolic links that lead nowhere or out of the root."""

from __future__ import annotations

from collections.abc import Iterator

from omnibuild.checks.base import Problem, Severity, Subject
from omnibuild.checks.filetree import Where
from omnibuild.store.tree import EntryKind

NAME = "symlinks"
SEVERITY = Severity.ERROR
HINT = "remove the link with payload.remove, or point it to a file of the package"
EXPLAIN = (
    "A symbolic link must end at a file or folder of the package. One that dangles is a file somebody "
    "forgot to ship, or removed; one that leaves the root depends on the node, and may lead to a place "
    "that others can write to. Every link on the way is followed, as the kernel does."
)


def find(subject: Subject) -> Iterator[Problem]:
    """Yield each link that does not end inside the root."""
    for component, built in subject.components.items():
        for entry in built.entries:
            if entry.kind is EntryKind.SYMLINK:
                end = subject.tree.follow(subject.tree.installed(entry.path))
                if end.where is not Where.INSIDE:
                    message = f"link to {entry.target!r} {_SAYS[end.where]} ({end.path})"
                    yield Problem(NAME, component, entry.path, message)


_SAYS = {
    Where.OUTSIDE: "leaves the root",
    Where.MISSING: "dangles",
    Where.LOOP: "goes round in circles",
}
