"""How a build looks: one line a running component on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Collection, Iterable, Sequence
from typing import TextIO

from omnibuild import events
from omnibuild.plural import counted

_NARROWEST = 20


def listener_for(stream: TextIO) -> events.Listener:
    """Return what shows a build's events on this stream."""
    if stream.isatty() and os.environ.get("TERM") != "dumb":
        from omnibuild.terminal.live import Terminal  # noqa: PLC0415 - rich takes its time, and pipes need none of it

        return Terminal(stream)
    return _plain(stream)


def human_size(size: float) -> str:
    """Return bytes as people read them: ``12.3 MiB``."""
    for unit in ("B", "KiB", "MiB"):
        if size < 1024:  # noqa: PLR2004
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GiB"


def human_time(seconds: float) -> str:
    """Return seconds as people read them: ``1m05s``."""
    if seconds < 60:  # noqa: PLR2004
        return f"{seconds:.1f}s"
    return f"{int(seconds) // 60}m{int(seconds) % 60:02d}s"


def human_age(seconds: float) -> str:
    """Return how long ago something was, in its largest unit: ``3 days``."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        count = int(seconds // length)
        if count:
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "now"


def table(
    header: Sequence[str], rows: Iterable[Sequence[str]], *, right: Collection[str] = (), columns: int | None = None
) -> str:
    """Return lines with aligned columns, those named in ``right`` to the right.

    The last column is folded to what ``columns`` leave for it (without: to the terminal, if it goes to one).
    """
    lines = [list(header), *(list(row) for row in rows)]
    lines = _folded(lines, columns or (shutil.get_terminal_size().columns if sys.stdout.isatty() else 0))
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    flushed = [name in right for name in header]

    def show(line: list[str]) -> str:
        cells = zip(line, widths, flushed, strict=True)
        return "  ".join(cell.rjust(width) if flush else cell.ljust(width) for cell, width, flush in cells).rstrip()

    return "\n".join(show(line) for line in lines)


def _folded(lines: list[list[str]], columns: int) -> list[list[str]]:
    """Return the lines with the last column folded, where a terminal of so many columns has some room for it."""
    room = columns - sum(max(len(line[column]) for line in lines) + 2 for column in range(len(lines[0]) - 1))
    if room < _NARROWEST:
        return lines
    folded = []
    for *others, last in lines:
        first, *more = textwrap.wrap(last, room, break_on_hyphens=False) or [""]
        folded += [[*others, first], *([*("" for _ in others), part] for part in more)]
    return folded


def describe(event: events.Event) -> str | None:
    """Return the line that records an event for good, or None if it is only of the moment."""
    match event:
        case events.Planned(cached, pending):
            found = f"{counted(cached, 'component')} in the store"
            return f"{found}, {pending} to build" if pending else f"{found}, nothing to build"
        case events.Phase(title, detail):
            return f"{title}{': ' if detail else ''}{detail}"
        case events.Verified(path, size, seconds):
            return f"verified: {path}, {human_size(size)} in {human_time(seconds)}"
        case events.Warned(message):
            return f"warning: {message}"
        case events.Fetching() | events.Step() | events.Ended():
            return None
        case _:
            return _of_component(event)


def _of_component(
    event: events.Arrived | events.Waiting | events.Started | events.Finished | events.Failed,
) -> str | None:
    match event:
        case events.Arrived(name, location, size, cached):
            return None if cached else f"{name}: fetched {human_size(size)} from {location}"
        case events.Waiting(name, holder):
            return f"{name}: waits for another omnibuild{f' (process {holder})' if holder else ''}, which builds it"
        case events.Started(name, version, log):
            return f"{name} {version}: building, log {log}"
        case events.Finished(name, version, seconds, size, reused):
            verb = "found in the store" if reused else f"built in {human_time(seconds)}"
            return f"{name} {version}: {verb}, {human_size(size)}"
        case events.Failed(name, _):
            return f"{name}: FAILED"


def _plain(stream: TextIO) -> events.Listener:
    def show(event: events.Event) -> None:
        line = describe(event)
        if line:
            print(line, file=stream, flush=True)

    return show
