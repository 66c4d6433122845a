"""Resources in order, each path once: parents before children, accounts before what they own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from chef_backend.base.errors import Conflict
from chef_backend.resources.effects import Effects
from chef_backend.resources.model import Absent, Action, Directory, EnvDir, File, Group, Placed, Resource, Symlink, User


@dataclass(frozen=True, slots=True)
class Desired:
    """What a node should have; `exact` are the folders in which nothing else may be, with their effects."""

    groups: tuple[Group, ...]
    users: tuple[User, ...]
    places: Mapping[Path, Placed]
    exact: Mapping[Path, Effects]
    actions: tuple[Action, ...]


_WORDS = {File: "a file", Symlink: "a link", Absent: "absent"}


def settle(resources: Iterable[Resource]) -> Desired:
    """Return the resources in the order of their making; Conflict lists every contradiction among them.

    A resource given twice counts once; parents come first, everything else stays in the order given.
    """
    given = list(resources)
    items = list(dict.fromkeys(_expanded(given)))
    groups = [item for item in items if isinstance(item, Group)]
    users = [item for item in items if isinstance(item, User)]
    actions = [item for item in items if isinstance(item, Action)]
    placed = [item for item in items if isinstance(item, File | Directory | Symlink | Absent)]
    exact = {item.path: item.effects for item in given if isinstance(item, EnvDir)}
    problems = [
        *_twice("group", [item.name for item in groups]),
        *_twice("user", [item.name for item in users]),
        *_twice("action", [item.name for item in actions]),
        *_twice("path", [str(item.path) for item in placed]),
        *_inside_no_folder(placed),
    ]
    if problems:
        raise Conflict("\n".join(["the wanted state contradicts itself:", *(f"  {problem}" for problem in problems)]))
    return Desired(tuple(groups), tuple(users), _parents_first(placed), exact, tuple(actions))


def _expanded(resources: Iterable[Resource]) -> Iterable[Resource]:
    for item in resources:
        if isinstance(item, EnvDir):
            yield from item.parts()
        else:
            yield item


def _twice(what: str, names: list[str]) -> list[str]:
    return [
        f"{what} {name} is wanted in {names.count(name)} ways" for name in dict.fromkeys(names) if names.count(name) > 1
    ]


def _inside_no_folder(placed: list[Placed]) -> list[str]:
    no_folder = {item.path: item for item in placed if not isinstance(item, Directory)}
    return [
        f"{item.path} is wanted inside {parent}, which is wanted as {_WORDS[type(no_folder[parent])]}"
        for item in placed
        for parent in item.path.parents
        if parent in no_folder
    ]


def _parents_first(placed: list[Placed]) -> dict[Path, Placed]:
    by_path = {item.path: item for item in placed}
    ordered: dict[Path, Placed] = {}
    for item in placed:
        for path in [*reversed(item.path.parents), item.path]:
            if path in by_path:
                ordered.setdefault(path, by_path[path])
    return ordered
