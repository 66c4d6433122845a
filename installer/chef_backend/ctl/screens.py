"""Ways to show the steps of a long command: as plain lines, and hardly at all; `live` has the one for a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import IO, Protocol, TextIO

INDENT = "   "


class Screen(Protocol):
    """Where steps are shown."""

    def headline(self, text: str) -> None:
        """Say what begins."""
        ...

    def begin(self, title: str) -> None:
        """Show that a step runs."""
        ...

    def note(self, text: str) -> None:
        """Show the last sign of life of the step."""
        ...

    def end(self, title: str, *, done: bool) -> None:
        """Show how the step ended."""
        ...

    def left(self, titles: Iterable[str]) -> None:
        """Show the steps that did not run."""
        ...

    def failed(self) -> None:
        """Say that the whole failed."""
        ...


class PlainScreen:
    """A line for each step when it ends, for pipes and logs."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._marks = marks(stream)

    def headline(self, text: str) -> None:
        """Print it."""
        self._line(headline(text))

    def begin(self, title: str) -> None:
        """Wait for the end."""

    def note(self, text: str) -> None:
        """Leave it to the log."""

    def end(self, title: str, *, done: bool) -> None:
        """Print the step with its mark."""
        self._line(f"{self._marks[0 if done else 1]} {title}")

    def left(self, titles: Iterable[str]) -> None:
        """Print them, indented."""
        for title in titles:
            self._line(f"{INDENT}{title}")

    def failed(self) -> None:
        """Leave it to the mark."""

    def _line(self, text: str) -> None:
        self._stream.write(f"{text}\n")
        self._stream.flush()


class QuietScreen:
    """What is going on, and whether it failed."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def headline(self, text: str) -> None:
        """Print it."""
        self._stream.write(f"{headline(text)}\n")
        self._stream.flush()

    def begin(self, title: str) -> None:
        """Say nothing."""

    def note(self, text: str) -> None:
        """Say nothing."""

    def end(self, title: str, *, done: bool) -> None:
        """Say nothing."""

    def left(self, titles: Iterable[str]) -> None:
        """Say nothing."""

    def failed(self) -> None:
        """Print the contract's word."""
        self._stream.write("FAILED\n")
        self._stream.flush()


def screen(stream: TextIO, *, quiet: bool) -> Screen:
    """Return what fits the stream."""
    if quiet:
        return QuietScreen(stream)
    if not stream.isatty():
        return PlainScreen(stream)
    from chef_backend.ctl.live import live_screen  # noqa: PLC0415 - slow to import

    return live_screen(stream)


def headline(text: str) -> str:
    """Return what begins as it is shown: with dots, unless it is a sentence that the contract has as it is."""
    return text if text.endswith(".") else f"{text}..."


def marks(stream: IO[str]) -> tuple[str, str]:
    """Return the marks for done and failed that the stream can show."""
    with suppress(UnicodeEncodeError, LookupError):
        "✓✗".encode(getattr(stream, "encoding", None) or "utf-8")
        return "✓", "✗"
    return "+", "x"
