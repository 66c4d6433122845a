"""A process with its descendants, looked up before it is told to end, to find what outlives it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

_PROC: Final = Path("/proc")
# The fields of proc(5)'s stat that follow the name in parentheses.
_STATE, _PARENT, _STARTED = 0, 1, 19
_ENDED: Final = {"Z", "X"}


class Tree(Protocol):
    """The processes that a service had at one moment."""

    def alive(self) -> tuple[int, ...]:
        """Return those that have not ended, by number."""
        ...

    def kill(self) -> None:
        """Send SIGKILL to those that have not ended."""
        ...


@dataclass(frozen=True, slots=True)
class _Seen:
    """A process: with the time of its start, a number used again is not taken for it."""

    pid: int
    parent: int
    started: int


class ProcessTree:
    """The process `pid` and all that descend from it now."""

    def __init__(self, pid: int) -> None:
        everything = list(_every())
        found = {pid}
        # A child may have a lower number than its parent: look until nothing is added.
        while more := {each.pid for each in everything if each.parent in found} - found:
            found |= more
        self._seen = tuple(each for each in everything if each.pid in found)

    def alive(self) -> tuple[int, ...]:
        """See Tree."""
        now = {(each.pid, each.started) for each in _every()}
        return tuple(sorted(each.pid for each in self._seen if (each.pid, each.started) in now))

    def kill(self) -> None:
        """See Tree."""
        for pid in self.alive():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _every() -> Iterator[_Seen]:
    for folder in _PROC.glob("[0-9]*"):
        with suppress(OSError):
            fields = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
            if fields[_STATE] not in _ENDED:
                yield _Seen(int(folder.name), int(fields[_PARENT]), int(fields[_STARTED]))
