"""Amounts with a unit, as postgresql.conf has them: '8MB', '5min', or a number of the setting's own unit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from chef_backend.config.kinds.base import WrongValue
from chef_backend.config.literals import Literal, Scalar

# https://www.postgresql.org/docs/15/config-setting.html: units are case-sensitive, a factor is 1024.
SIZE_UNITS = MappingProxyType({"kB": 2**10, "MB": 2**20, "GB": 2**30, "TB": 2**40})
TIME_UNITS = MappingProxyType({"ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000})
_WRITTEN = re.compile(r"\s*(-?[0-9]+)\s*([A-Za-z]*)\s*")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of `base` smallest units, or a text with a unit; `low` and `high` count smallest units."""

    what: str
    example: str
    units: Mapping[str, int]
    base: int
    base_words: str
    low: int
    high: int

    def words(self) -> str:
        """Return what it accepts, for the reference page."""
        return f"{self.what} such as '{self.example}', or a number of {self.base_words}"

    def read(self, literal: Literal) -> int | str:
        """Return the amount as written, without blanks; WrongValue for an unknown unit and what is out of range."""
        value = literal.value if isinstance(literal, Scalar) else None
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise WrongValue(literal, f"a {self.words()}")
        written = _WRITTEN.fullmatch(str(value))
        if written is None:
            raise WrongValue(literal, f"a {self.words()}")
        number, unit = written.groups()
        if unit and unit not in self.units:
            meant = self._meant(unit.lower())
            known = f"units are {', '.join(self.units)}"
            hint = f"did you mean '{number}{meant}'? {known}" if meant else known
            raise WrongValue(literal, f"a {self.words()}", hint)
        if not self.low <= self.smallest(value) <= self.high:
            raise WrongValue(literal, f"{self.what} from {self._shown(self.low)} to {self._shown(self.high)}")
        return value if isinstance(value, int) else f"{number}{unit}"

    def smallest(self, value: object) -> int:
        """Return an accepted value in bytes or milliseconds."""
        written = _WRITTEN.fullmatch(str(value))
        if written is None:
            raise TypeError(value)
        return int(written[1]) * (self.units[written[2]] if written[2] else self.base)

    def _meant(self, unit: str) -> str:
        close = [each for each in self.units if unit.startswith(each.lower()) or each.lower().startswith(unit)]
        return max(close, key=len, default="")

    def _shown(self, smallest: int) -> str:
        for unit, factor in reversed(tuple(self.units.items())):
            if smallest and smallest % factor == 0:
                return f"{smallest // factor}{unit}"
        return str(smallest)


def size(base: int, base_words: str, low: int, high: int = 2**31 * 8192 - 8192) -> Amount:
    """Return a kind for an amount of memory or disk; `base`, `low` and `high` in bytes."""
    return Amount("size", "64MB", SIZE_UNITS, base, base_words, low, high)


def duration(base: int, base_words: str, low: int, high: int) -> Amount:
    """Return a kind for a time; `base`, `low` and `high` in milliseconds."""
    return Amount("time", "5min", TIME_UNITS, base, base_words, low, high)
