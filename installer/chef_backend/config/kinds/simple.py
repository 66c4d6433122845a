"""Numbers, switches, choices and texts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chef_backend.config.kinds.base import WrongValue, text_of
from chef_backend.config.literals import Literal, Scalar

_ON = frozenset({"on", "true", "yes", "1"})
_OFF = frozenset({"off", "false", "no", "0"})


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number of a range."""

    low: int
    high: int | None = None

    def words(self) -> str:
        """Return what it accepts, for the reference page."""
        return f"whole number from {self.low}" + ("" if self.high is None else f" to {self.high}")

    def read(self, literal: Literal) -> int:
        """Return the number; WrongValue for a text, a fraction and what is out of range."""
        value = literal.value if isinstance(literal, Scalar) else None
        if not isinstance(value, int) or isinstance(value, bool):
            spelled = isinstance(value, str) and re.fullmatch(r"-?\d+", value)
            raise WrongValue(literal, f"a {self.words()}", f"write {value} without quotes" if spelled else "")
        if value < self.low or (self.high is not None and value > self.high):
            raise WrongValue(literal, f"a {self.words()}")
        return value


@dataclass(frozen=True, slots=True)
class Fraction:
    """A number of a range, whole or not."""

    low: float
    high: float

    def words(self) -> str:
        """Return what it accepts, for the reference page."""
        return f"number from {self.low:g} to {self.high:g}"

    def read(self, literal: Literal) -> float:
        """Return the number; WrongValue for anything else and for what is out of range."""
        value = literal.value if isinstance(literal, Scalar) else None
        if not isinstance(value, int | float) or isinstance(value, bool) or not self.low <= value <= self.high:
            raise WrongValue(literal, f"a {self.words()}")
        return float(value)


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    def words(self) -> str:
        """Return what it accepts, for the reference page."""
        return "true or false"

    def read(self, literal: Literal) -> bool:
        """Return the truth value; WrongValue for words and numbers that only look like one."""
        value = literal.value if isinstance(literal, Scalar) else None
        if isinstance(value, bool):
            return value
        meant = str(value).lower()
        hint = "write true" if meant in _ON else "write false" if meant in _OFF else ""
        raise WrongValue(literal, "true or false", hint and f"{hint}, without quotes")


@dataclass(frozen=True, slots=True)
class Choice:
    """One text of several; true and false stand for 'on' and 'off' where these are among them."""

    values: tuple[str, ...]

    def words(self) -> str:
        """Return what it accepts, for the reference page."""
        return " or ".join(f"'{value}'" for value in self.values)

    def read(self, literal: Literal) -> str:
        """Return the text; WrongValue when it is none of them."""
        value = literal.value if isinstance(literal, Scalar) else None
        if isinstance(value, bool):
            value = "on" if value else "off"
        if not isinstance(value, str) or value not in self.values:
            same = [each for each in self.values if each.lower() == str(value).lower()]
            raise WrongValue(literal, self.words(), f"did you mean '{same[0]}'?" if same else "")
        return value


@dataclass(frozen=True, slots=True)
class Text:
    """A text that matches a pattern."""

    what: str = "text"
    pattern: str = ".*"

    def words(self) -> str:
        """Return what it accepts, for the reference page."""
        return self.what

    def read(self, literal: Literal) -> str:
        """Return the text; WrongValue when it does not match."""
        value = text_of(literal, self.what)
        if not re.fullmatch(self.pattern, value):
            raise WrongValue(literal, self.what)
        return value


SWITCH = Choice(("on", "off"))
PORT = Integer(1, 65535)
SYSTEM_USER = Text("name of a system user or group", r"[a-z_][a-z0-9_-]{0,30}")
ROLE = Text("name of a PostgreSQL role in lower case", r"[a-z_][a-z0-9_]{0,62}")
