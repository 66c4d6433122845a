"""Puts the shipped components together into one prefix, with the records that travel in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from omnibuild.checks.base import Built, Subject
from omnibuild.errors import CheckFailed
from omnibuild.files import remove_tree
from omnibuild.lineup.load import Project
from omnibuild.store.local import LocalStore
from omnibuild.store.result import BuildResult
from omnibuild.store.tree import Entry, EntryKind, Tree


@dataclass(frozen=True, slots=True)
class Assembly:
    """The whole prefix: ``entries`` with the component each belongs to, laid out in ``directory``."""

    directory: Path
    entries: tuple[Entry, ...]
    owners: Mapping[str, str]
    trees: Mapping[str, Tree]


def merge(trees: Mapping[str, Tree]) -> tuple[tuple[Entry, ...], dict[str, str]]:
    """Return all entries by path and their owners; CheckFailed lists every collision.

    Two components may share a folder, and a file when it is identical in both.
    """
    entries: dict[str, Entry] = {}
    owners: dict[str, str] = {}
    collisions: list[str] = []
    for name, tree in trees.items():
        for entry in tree.entries:
            other = entries.setdefault(entry.path, entry)
            if other is entry:
                owners[entry.path] = name
            elif other != entry and not other.kind is entry.kind is EntryKind.DIRECTORY:
                collisions.append(f"{entry.path}: {owners[entry.path]} and {name} install different files")
    if collisions:
        raise CheckFailed("\n".join(collisions), hint="remove it from one of them with payload.remove")
    return tuple(sorted(entries.values())), owners


def assemble(project: Project, store: LocalStore, results: Mapping[str, BuildResult], directory: Path) -> Assembly:
    """Lay the shipped components out in ``directory``, which is made anew, as hard links."""
    trees = {name: store.tree(results[name].tree) for name in project.shipped()}
    entries, owners = merge(trees)
    remove_tree(directory)
    store.materialise(Tree(entries), directory)
    return Assembly(directory, entries, owners, trees)


def subject(project: Project, assembly: Assembly, results: Mapping[str, BuildResult]) -> Subject:
    """Return the assembled prefix as the checks see it."""
    components = {
        name: Built(project.recipes[name].recipe, tree.entries, _opened(results[name]))
        for name, tree in assembly.trees.items()
    }
    lineup = project.lineup
    return Subject(
        root=lineup.root,
        prefix=lineup.prefix,
        directory=assembly.directory,
        architecture=lineup.architecture,
        components=components,
        policy=lineup.policy,
    )


def _opened(result: BuildResult) -> frozenset[str] | None:
    return None if result.opened is None else frozenset(result.opened)
