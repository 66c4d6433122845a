"""Folders that hold nothing."""

from __future__ import annotations

from collections.abc import Iterator

from omnibuild.checks.base import Problem, Severity, Subject
from omnibuild.checks.filetree import folders_above
from omnibuild.store.tree import EntryKind

NAME = "empty_directories"
SEVERITY = Severity.WARNING
HINT = "remove it with payload.remove, or opt out with what will be written there"
EXPLAIN = (
    "An empty folder in a package is usually what is left of removed files. If the product writes into it, "
    "the folder belongs below /var and not into the prefix, which is read-only in spirit and replaced by an "
    "upgrade."
)


def find(subject: Subject) -> Iterator[Problem]:
    """Yield each directory that has no entry below it in any component."""
    filled = folders_above(subject.tree.entries)
    for component, built in subject.components.items():
        for entry in built.entries:
            if entry.kind is EntryKind.DIRECTORY and entry.path not in filled:
                yield Problem(NAME, component, entry.path, "empty directory")
