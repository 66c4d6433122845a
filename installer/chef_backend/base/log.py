"""Events as lines of text: one line each, no secret in any."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import TextIO

from chef_backend.base.secret import Redactor

_PLAIN = re.compile(r"[\w./:@%+,-]+")
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class Level(StrEnum):
    """How much an event matters to whoever reads the log."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class EventLog:
    """Writes events to a stream as `TIME LEVEL EVENT key=value …`, flushed line by line."""

    def __init__(
        self,
        stream: TextIO,
        *,
        redactor: Redactor | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._stream = stream
        self._redactor = redactor or Redactor()
        self._now = now

    def write(self, level: Level, event: str, **fields: object) -> None:
        """Write one line; values with blanks or control characters are quoted and escaped."""
        words = [self._now().isoformat(timespec="milliseconds"), str(level), printable(event)]
        words += [f"{key}={_value(self._redactor.redact(str(value)))}" for key, value in fields.items()]
        self._stream.write(self._redactor.redact(" ".join(words)) + "\n")
        self._stream.flush()

    def info(self, event: str, **fields: object) -> None:
        """Write what happened as it should."""
        self.write(Level.INFO, event, **fields)

    def warning(self, event: str, **fields: object) -> None:
        """Write what somebody should look at."""
        self.write(Level.WARNING, event, **fields)

    def error(self, event: str, **fields: object) -> None:
        """Write what failed."""
        self.write(Level.ERROR, event, **fields)


def printable(text: str) -> str:
    """Return `text` on one line, each control character (a terminal's escapes too) as its escape."""
    return "".join(_ESCAPES.get(char, char) if char.isprintable() or char in _ESCAPES else _code(char) for char in text)


def _code(char: str) -> str:
    number = ord(char)
    return f"\\x{number:02x}" if number <= 0xFF else f"\\u{number:04x}"  # noqa: PLR2004 - what \x can hold


def _value(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    escaped = printable(text).replace('"', r"\"")
    return f'"{escaped}"'
