"""What a running server has against what its configuration says. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from chef_backend.postgresql.conf import Literal, literal

# https://www.postgresql.org/docs/15/view-pg-settings.html: `unit` is what the number counts.
_FACTORS: Final[Mapping[str, int]] = {
    # bytes
    "B": 1,
    "kB": 2**10,
    "8kB": 2**13,
    "MB": 2**20,
    "16MB": 2**24,
    "GB": 2**30,
    "TB": 2**40,
    # microseconds
    "us": 1,
    "ms": 1_000,
    "s": 1_000_000,
    "min": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
}
_TRUE: Final = frozenset({"on", "true", "yes", "1", "t", "y"})


@dataclass(frozen=True, slots=True)
class Running:
    """A row of pg_settings: the value for new sessions in `unit`s, and whether another waits for a restart."""

    value: str
    unit: str = ""
    kind: str = "string"
    pending_restart: bool = False
    context: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """A setting that does not run as wanted; without `pending_restart` another file or role overrides it."""

    name: str
    wanted: str
    running: str
    pending_restart: bool
    source: str


def differences(wanted: Mapping[str, Literal], running: Mapping[str, Running]) -> tuple[Difference, ...]:
    """Return what does not run as wanted, by name; settings that this server does not have are left out."""
    return tuple(
        Difference(name, literal(value), running[name].value + running[name].unit, found.pending_restart, found.source)
        for name, value in sorted(wanted.items())
        if (found := running.get(name)) is not None and (found.pending_restart or not same(value, found))
    )


def same(wanted: Literal, running: Running) -> bool:
    """Tell whether a value of postgresql.conf is what runs, whatever their units."""
    text = literal(wanted).strip("'") if not isinstance(wanted, str) else wanted
    match running.kind:
        case "bool":
            return (text.lower() in _TRUE) == (running.value.lower() in _TRUE)
        case "integer" | "real":
            return _number(text, running.unit) == _number(running.value, running.unit)
        case "enum":
            return text.lower() == running.value.lower()
        case _:
            return _listed(text) == _listed(running.value)


def _number(text: str, unit: str) -> float | None:
    """Return a number with or without a unit in bytes, microseconds, or as it is; None for what is none."""
    text = text.strip()
    digits = text.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ")
    own = text[len(digits) :].strip() or unit
    try:
        number = float(digits)
    except ValueError:
        return None
    if number < 0:  # -1 is "off", and has no unit
        return number
    return number * _FACTORS.get(own, 1)


def _listed(text: str) -> list[str]:
    return [
        part.strip().lower() if part.strip().lower() in {"iso", "mdy"} else part.strip() for part in text.split(",")
    ]
