"""leaderl's log: a line for each change, `[I] leader_elector => ...`; svlogd puts the time before it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TextIO

from chef_backend.base.clock import Clock
from chef_backend.base.log import printable

Say = Callable[[str, str], None]


class Journal:
    """Writes lines of several threads, at most so many a second; those left out are counted in the next line."""

    def __init__(self, stream: TextIO, clock: Clock, most_per_s: int) -> None:
        self._stream = stream
        self._clock = clock
        self._most_per_s = most_per_s
        self._lock = threading.Lock()
        self._second = -1
        self._written = 0
        self._left_out = 0

    def of(self, part: str) -> Say:
        """Return what writes the lines of a part: called with a level (I, W, E) and a text."""
        return lambda level, text: self._write(f"[{level}] {part} => {printable(text)}\n")

    def _write(self, line: str) -> None:
        with self._lock:
            second = int(self._clock.monotonic())
            if second != self._second:
                self._second, self._written = second, 0
            if self._written >= self._most_per_s:
                self._left_out += 1
                return
            self._written += 1
            if self._left_out:
                line = f"[W] leaderl => {self._left_out} lines left out: too many a second\n{line}"
                self._left_out = 0
            self._stream.write(line)
            self._stream.flush()
