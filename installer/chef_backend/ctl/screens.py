"""Three ways to show the steps of a long command: on a terminal, as plain lines, and hardly at all."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import IO, Protocol, TextIO

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column

from chef_backend.base.log import printable

_INDENT = "   "
# What the title leaves of a line, however long the text is.
_REST = Column(no_wrap=True, overflow="ellipsis", ratio=1)


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
            self._line(f"{_INDENT}{title}")

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


class TerminalScreen:
    """The running step with a spinner, its seconds and its last sign of life; a line for each that ended."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._marks = marks(console.file)
        self._progress: Progress | None = None
        self._task = TaskID(0)

    def headline(self, text: str) -> None:
        """Print it."""
        self._print(headline(text))

    def begin(self, title: str) -> None:
        """Start the spinner."""
        self._progress = Progress(
            SpinnerColumn(spinner_name="dots" if self._marks[0] == "✓" else "line"),
            TextColumn("{task.description}", markup=False),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}", markup=False, table_column=_REST),
            console=self._console,
            transient=True,
            expand=True,
        )
        self._task = self._progress.add_task(title, total=None, note="")
        self._progress.start()

    def note(self, text: str) -> None:
        """Show it beside the spinner."""
        if self._progress is not None:
            self._progress.update(self._task, note=printable(text))

    def end(self, title: str, *, done: bool) -> None:
        """Replace the spinner by the step's mark."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None
        self._print(f"{self._marks[0 if done else 1]} {title}", style="green" if done else "bold red")

    def left(self, titles: Iterable[str]) -> None:
        """Print them, indented."""
        for title in titles:
            self._print(f"{_INDENT}{title}")

    def failed(self) -> None:
        """Leave it to the mark."""

    def _print(self, text: str, style: str = "") -> None:
        self._console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


def screen(stream: TextIO, *, quiet: bool) -> Screen:
    """Return what fits the stream."""
    if quiet:
        return QuietScreen(stream)
    return TerminalScreen(Console(file=stream)) if stream.isatty() else PlainScreen(stream)


def headline(text: str) -> str:
    """Return what begins as it is shown: with dots, unless it is a sentence that the contract has as it is."""
    return text if text.endswith(".") else f"{text}..."


def marks(stream: IO[str]) -> tuple[str, str]:
    """Return the marks for done and failed that the stream can show."""
    with suppress(UnicodeEncodeError, LookupError):
        "✓✗".encode(getattr(stream, "encoding", None) or "utf-8")
        return "✓", "✗"
    return "+", "x"
