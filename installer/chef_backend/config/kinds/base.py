"""What a type of setting is, and how it refuses a value."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from chef_backend.config.literals import Array, Literal, Scalar, described
from chef_backend.config.parse import parse_literal
from chef_backend.config.problems import Place
from chef_backend.config.values import Value

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class WrongValue(Exception):
    """A literal that a setting does not take."""

    def __init__(self, literal: Literal, expected: str, hint: str = "") -> None:
        super().__init__(expected)
        self.place: Place = literal.place
        self.others: tuple[WrongValue, ...] = ()
        self.message = f"expected {expected}, found {described(literal)}"
        self.hint = hint


class Kind(Protocol):
    """One type of setting."""

    def words(self) -> str:
        """Return what it accepts, for the reference page."""
        ...

    def read(self, literal: Literal) -> Value:
        """Return the value of a literal; WrongValue if it is none of this kind."""
        ...


@dataclass(frozen=True, slots=True)
class Nilable:
    """Another kind, or nil."""

    kind: Kind

    def words(self) -> str:
        """Return what it accepts, for the reference page."""
        return f"{self.kind.words()} or nil"

    def read(self, literal: Literal) -> Value:
        """Return None for nil, else what the other kind reads."""
        if isinstance(literal, Scalar) and literal.value is None:
            return None
        return self.kind.read(literal)


def read_each(items: Iterable[_Item], read: Callable[[_Item], _Result]) -> tuple[_Result, ...]:
    """Return what each item comes to; WrongValue with all that are wrong, the first one's `others`."""
    found: list[_Result] = []
    wrong: list[WrongValue] = []
    for item in items:
        try:
            found.append(read(item))
        except WrongValue as error:
            wrong.append(error)
    if wrong:
        wrong[0].others = tuple(wrong[1:])
        raise wrong[0]
    return tuple(found)


def text_of(literal: Literal, expected: str) -> str:
    """Return a literal's text; WrongValue for anything else and for characters no file could carry."""
    if not isinstance(literal, Scalar) or not isinstance(literal.value, str):
        raise WrongValue(literal, expected, "put a text in quotes: 'text'")
    if any(ord(character) < ord(" ") or ord(character) == 0x7F for character in literal.value):  # noqa: PLR2004 - DEL
        raise WrongValue(literal, f"{expected} without line breaks and control characters")
    return literal.value


def items_of(literal: Literal, expected: str) -> tuple[Literal, ...]:
    """Return a list's items; a text that spells a list counts too, because the sample is written so."""
    if isinstance(literal, Scalar) and isinstance(literal.value, str):
        if not literal.value.strip():
            return ()
        spelled = parse_literal(literal.value) if literal.value.lstrip().startswith("[") else None
        if isinstance(spelled, Array):
            return tuple(replace(each, place=literal.place) for each in spelled.items)
    if isinstance(literal, Array):
        return literal.items
    raise WrongValue(literal, expected, "a list is written ['one', 'two']")
