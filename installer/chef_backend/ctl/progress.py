"""A long command as steps: shown while they run, logged with times, and ended with an error that says where to look."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import click

from chef_backend.base.clock import Clock, SystemClock
from chef_backend.base.errors import ChefBackendError
from chef_backend.base.log import EventLog
from chef_backend.base.secret import Redactor
from chef_backend.ctl.joblog import opened_log
from chef_backend.ctl.screens import Screen, screen
from chef_backend.ctl.session import Session

_INDENT = " " * 6


class Steps:
    """The steps of one command; `planned` are listed as not run when one before them fails."""

    def __init__(self, shown: Screen, log: EventLog, clock: Clock, planned: Sequence[str] = ()) -> None:
        self._screen = shown
        self._log = log
        self._clock = clock
        self._planned = list(planned)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Show and log a step while the block runs; it failed when the block raises. Steps do not nest."""
        if title in self._planned:
            self._planned.remove(title)
        began = self._clock.monotonic()
        self._log.info("begin", step=title)
        self._screen.begin(title)
        try:
            yield
        except BaseException as error:
            self._screen.end(title, done=False)
            self._log.error("failed", step=title, seconds=self._since(began), error=error)
            self._screen.left(self._planned)
            self._planned.clear()
            raise
        self._screen.end(title, done=True)
        self._log.info("done", step=title, seconds=self._since(began))

    def note(self, text: str) -> None:
        """Show a sign of life of the running step, such as a log's last line, and log it."""
        self._screen.note(text)
        self._log.info("note", text=text)

    def _since(self, began: float) -> str:
        return f"{self._clock.monotonic() - began:.1f}"


@contextmanager
def operation(
    session: Session, title: str, *, word: str, planned: Sequence[str] = (), redactor: Redactor | None = None
) -> Iterator[Steps]:
    """Yield the steps of a long command, with a log of its own.

    An expected error in the block is shown in the contract's form, and ends the command with its exit code. Who
    interrupts it is told how to go on.
    """
    with ExitStack() as stack:
        path, stream = _log(stack, session, word)
        shown = screen(sys.stdout, quiet=session.quiet)
        events = EventLog(stream, redactor=redactor)
        events.info("operation", title=title, command=word)
        shown.headline(title)
        try:
            yield Steps(shown, events, SystemClock(), planned)
        except ChefBackendError as error:
            events.error("ended", error=type(error).__name__, message=error.message, exit_code=error.exit_code)
            shown.failed()
            text = error_text(error, path)
            click.echo(f"\n{redactor.redact(text) if redactor else text}", err=True)
            raise click.exceptions.Exit(error.exit_code) from error
        except KeyboardInterrupt:
            events.error("interrupted")
            shown.failed()
            click.echo(f"\nInterrupted. To go on, run it again: chef-backend-ctl {word}", err=True)
            raise click.exceptions.Exit(ChefBackendError.exit_code) from None
        events.info("ended", exit_code=0)


def error_text(error: ChefBackendError, log: Path | None) -> str:
    """Return an error in the contract's form: a sentence, then message, hint and the log's name, indented."""
    lines = [*error.message.splitlines()]
    if error.hint:
        lines.append(f"hint: {error.hint}")
    if log is not None:
        lines.append(f"See '{log}' for additional information.")
    return "\n".join(["An error occurred during this operation:", *(f"{_INDENT}{line}" for line in lines)])


def _log(stack: ExitStack, session: Session, word: str) -> tuple[Path | None, TextIO]:
    """Open the log; a node whose log cannot be written can still be repaired, so that is a warning only."""
    try:
        return stack.enter_context(opened_log(session.paths, word, datetime.now(UTC)))
    except ChefBackendError as error:
        click.echo(f"warning: no log of this command: {error.message}", err=True)
        return None, stack.enter_context(Path("/dev/null").open("w", encoding="utf-8"))
