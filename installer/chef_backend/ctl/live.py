"""The steps of a long command on a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column

from chef_backend.base.log import printable
from chef_backend.ctl.screens import INDENT, headline, marks

# What the title leaves of a line, however long the text is.
_REST = Column(no_wrap=True, overflow="ellipsis", ratio=1)


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
            self._print(f"{INDENT}{title}")

    def failed(self) -> None:
        """Leave it to the mark."""

    def _print(self, text: str, style: str = "") -> None:
        self._console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


def live_screen(stream: TextIO) -> TerminalScreen:
    """Return one for a stream that is a terminal."""
    return TerminalScreen(Console(file=stream))
