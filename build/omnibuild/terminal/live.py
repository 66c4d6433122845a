"""A build on a terminal: a live line for each running component, and what is done scrolls away above."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from omnibuild import events
from omnibuild.tail import last_lines
from omnibuild.terminal.render import describe, human_size, human_time


@dataclass
class _Row:
    version: str
    log: Path | None = None
    step: str = ""
    started: float = field(default_factory=time.monotonic)


class Terminal:
    """A live table of what runs now, above which finished components scroll away."""

    def __init__(self, stream: TextIO) -> None:
        self._console = Console(file=stream)
        self._lock = threading.Lock()
        self._rows: dict[str, _Row] = {}
        self._fetching: dict[str, events.Fetching] = {}
        self._pending = self._done = 0
        self._live: Live | None = None

    def __call__(self, event: events.Event) -> None:
        """Show an event: a line for good, or a change of the live table."""
        with self._lock:
            self._note(event)
            busy = bool(self._rows or self._fetching)
            if busy and self._live is None:
                self._live = Live(
                    get_renderable=self._table, console=self._console, refresh_per_second=4, transient=True
                )
                self._live.start()
            line = describe(event)
            if line and not isinstance(event, events.Started):
                self._console.print(_styled(event, line), soft_wrap=True)
            live = None
            if not busy:
                live, self._live = self._live, None
        if live:
            live.stop()

    def _note(self, event: events.Event) -> None:
        match event:
            case events.Planned(_, pending):
                self._pending = pending
            case events.Started(name, version, log):
                self._fetching.pop(name, None)
                self._rows[name] = _Row(version, log)
            case events.Step(name, title) if name in self._rows:
                self._rows[name].step = title
            case events.Fetching(name, done, total):
                self._fetching[name] = event
                if total is not None and done >= total:
                    self._fetching.pop(name)
            case events.Arrived(name):
                self._fetching.pop(name, None)
            case events.Finished(name=name) | events.Failed(name=name):
                self._rows.pop(name, None)
                self._fetching.pop(name, None)
                self._done += 1
            case events.Ended():
                self._rows.clear()
                self._fetching.clear()

    def _table(self) -> Group:
        table = Table.grid(padding=(0, 1), expand=True)
        table.add_column(no_wrap=True)
        table.add_column(justify="right", no_wrap=True)
        table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        now = time.monotonic()
        for name, row in sorted(self._rows.items()):
            last = (last_lines(row.log, 1) if row.log else []) or [row.step]
            table.add_row(f"● {name} {row.version}", human_time(now - row.started), Text(last[0], style="dim"))
        for name, event in sorted(self._fetching.items()):
            size = f"{human_size(event.done)}" + (f" of {human_size(event.total)}" if event.total else "")
            table.add_row(f"↓ {name}", "", Text(f"fetching {size}", style="dim"))
        return Group(table, Text(f"{self._done} of {self._pending} done", style="bold"))


def _styled(event: events.Event, line: str) -> Text:
    match event:
        case events.Finished():
            return Text.assemble(("✓ ", "green"), line)
        case events.Failed():
            return Text.assemble(("✗ ", "red"), line)
        case events.Warned():
            return Text(line, style="yellow")
        case _:
            return Text(line)
