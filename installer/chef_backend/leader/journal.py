"""leaderl's log: a line for each change, `[I] leader_elector => ...`; svlogd puts the time before it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Final

from chef_backend.base.clock import Clock
from chef_backend.base.log import printable
from chef_backend.base.plural import counted

Say = Callable[[str, str], None]
Write = Callable[[str], bool]

# What is written to a pipe in one piece or not at all: PIPE_BUF, pipe(7).
_LONGEST: Final = 4096


def written_to(descriptor: int) -> Write:
    """Return what writes to a descriptor without ever waiting, and tells whether it did.

    A log that cannot be written, as on a full disk, must not keep anybody from renewing or ending a leadership.
    """
    os.set_blocking(descriptor, False)

    def write(text: str) -> bool:
        try:
            os.write(descriptor, text.encode("utf-8", "replace")[:_LONGEST])
        except OSError:
            return False
        return True

    return write


class Journal:
    """Writes lines of several threads, at most so many a second; those left out are counted in the next line."""

    def __init__(self, write: Write, clock: Clock, most_per_s: int) -> None:
        self._write = write
        self._clock = clock
        self._most_per_s = most_per_s
        self._lock = threading.Lock()
        self._second = -1
        self._written = 0
        self._left_out = 0

    def of(self, part: str) -> Say:
        """Return what writes the lines of a part: called with a level (I, W, E) and a text."""
        return lambda level, text: self._add(f"[{level}] {part} => {printable(text)}\n")

    def _add(self, line: str) -> None:
        with self._lock:
            second = int(self._clock.monotonic())
            if second != self._second:
                self._second, self._written = second, 0
            if self._written >= self._most_per_s:
                self._left_out += 1
                return
            self._written += 1
            if self._left_out:
                line = f"[W] leaderl => {counted(self._left_out, 'line')} left out\n{line}"
            if self._write(line):
                self._left_out = 0
            else:
                self._left_out += 1
