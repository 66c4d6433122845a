"""The settings of a node: every value with its origin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from chef_backend.config.problems import NOWHERE, Place, Problem
from chef_backend.config.values import Plain, Value, plain


class From(StrEnum):
    """Where a value comes from."""

    DEFAULT = "default"
    COMPUTED = "computed"
    FILE = "file"
    RECORDED = "recorded"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value comes from; `place` is in `file` when it was written there."""

    source: From
    file: str = ""
    place: Place = NOWHERE

    def __str__(self) -> str:
        """Return `default`, `computed` or `file:line`."""
        return f"{self.file}:{self.place.line}" if self.source is From.FILE else self.source.value


@dataclass(frozen=True, slots=True)
class Entry:
    """One setting's value and origin."""

    value: Value
    origin: Origin


class Settings:
    """Every setting of a node by name; immutable. A typed getter raises TypeError when the name is of another type."""

    __slots__ = ("_entries", "warnings")

    def __init__(self, entries: Mapping[str, Entry], warnings: Iterable[Problem] = ()) -> None:
        self._entries = MappingProxyType(dict(entries))
        self.warnings: tuple[Problem, ...] = tuple(warnings)

    def __repr__(self) -> str:
        return f"Settings({len(self._entries)} settings)"

    @property
    def names(self) -> tuple[str, ...]:
        """Every setting's name, in the table's order."""
        return tuple(self._entries)

    def value(self, name: str) -> Value:
        """Return a value; KeyError if there is no such setting."""
        return self._entries[name].value

    def origin(self, name: str) -> Origin:
        """Return where a value comes from."""
        return self._entries[name].origin

    def integer(self, name: str) -> int:
        """Return a whole number."""
        value = self.value(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise TypeError(name)
        return value

    def number(self, name: str) -> float:
        """Return a number."""
        value = self.value(name)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise TypeError(name)
        return value

    def flag(self, name: str) -> bool:
        """Return true or false."""
        value = self.value(name)
        if not isinstance(value, bool):
            raise TypeError(name)
        return value

    def text(self, name: str) -> str:
        """Return a text."""
        value = self.value(name)
        if not isinstance(value, str):
            raise TypeError(name)
        return value

    def text_or_none(self, name: str) -> str | None:
        """Return a text, or None for nil."""
        return None if self.value(name) is None else self.text(name)

    def amount(self, name: str) -> int | str:
        """Return a size or a time as it is written: a number of the setting's unit, or a text with a unit."""
        value = self.value(name)
        return value if isinstance(value, str) else self.integer(name)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list."""
        value = self.value(name)
        if not isinstance(value, tuple):
            raise TypeError(name)
        return value

    def environment(self, name: str) -> Mapping[str, str]:
        """Return variables by name."""
        value = self.value(name)
        if not isinstance(value, Mapping):
            raise TypeError(name)
        return value

    def nested(self, *, hide: bool = True) -> dict[str, object]:
        """Return all values as JSON has them, in a tree by the dots of their names."""
        tree: dict[str, object] = {}
        for name, entry in self._entries.items():
            *folders, last = name.split(".")
            _descend(tree, folders)[last] = plain(entry.value, hide=hide)
        return tree


def flat(tree: Mapping[str, object], known: Iterable[str]) -> dict[str, Plain]:
    """Return the values of a tree that `Settings.nested` made, by the names of `known` that are in it."""
    found: dict[str, Plain] = {}
    for name in known:
        node: object = tree
        for part in name.split("."):
            node = node.get(part, _ABSENT) if isinstance(node, Mapping) else _ABSENT
        if isinstance(node, bool | int | float | str | None | list | dict):
            found[name] = node
    return found


_ABSENT = object()


def _descend(tree: dict[str, object], folders: Iterable[str]) -> dict[str, object]:
    for folder in folders:
        inner = tree.setdefault(folder, {})
        if not isinstance(inner, dict):
            raise TypeError(folder)
        tree = inner
    return tree
