"""Which components each component uses when it runs, as its files show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from omnibuild.checks.base import Subject
from omnibuild.checks.filetree import Where
from omnibuild.checks.interpreters import interpreter_of
from omnibuild.store.tree import EntryKind


@dataclass(frozen=True, slots=True)
class Use:
    """A file of ``component`` that needs ``target``, which only ``providers`` ship."""

    component: str
    path: str
    how: str
    target: str
    providers: tuple[str, ...]


def uses(subject: Subject) -> Iterator[Use]:
    """Yield every need of one component's file for another component's."""
    for use in _all(subject):
        if use.providers and use.component not in use.providers:
            yield use


def _all(subject: Subject) -> Iterator[Use]:
    owners = subject.tree.owners
    for file in subject.elves:
        closure = subject.closures.get(file.path)
        for edge in closure.edges if closure else ():
            if edge.user == file.path:
                how = f"needs the library {edge.library}"
                yield Use(file.component, file.path, how, edge.provider, owners.get(edge.provider, ()))
    for component, entry in subject.files():
        line = subject.content(entry).shebang
        if line is not None and entry.mode & 0o111:
            yield _use(subject, component, entry.path, "is a script for", interpreter_of(line))
    for component, built in subject.components.items():
        for entry in built.entries:
            if entry.kind is EntryKind.SYMLINK:
                yield _use(subject, component, entry.path, "is a link to", subject.tree.installed(entry.path))


def _use(subject: Subject, component: str, path: str, how: str, installed: str) -> Use:
    end = subject.tree.follow(installed)
    owners = subject.tree.owners.get(end.path, ()) if end.where is Where.INSIDE else ()
    return Use(component, path, how, end.path, owners)
