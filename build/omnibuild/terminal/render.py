"""How a build looks: one line a running component on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
from typing import TextIO

from omnibuild import events
from omnibuild.plural import counted


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
