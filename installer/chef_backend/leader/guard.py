"""The deadline: PostgreSQL is fenced in time, whatever the thread that takes the turns is waiting for.

Told nothing but deadlines, so that a process of its own can take its place.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from chef_backend.base.clock import Clock
from chef_backend.leader.fence import Fence

# A thread's waits do not count the time that a machine is suspended: https://www.man7.org/linux/man-pages/man2/clock_gettime.2.html
_EVERY_S: Final = 0.2


class Guard:
    """Lets PostgreSQL run only while a leadership holds: it is fenced `fence_s` before the deadline."""

    def __init__(self, fence: Fence, clock: Clock, fence_s: float, say: Callable[[str, str], None]) -> None:
        self._fence = fence
        self._clock = clock
        self._fence_s = fence_s
        self._say = say
        self._deadline: float | None = None
        self._lock = threading.Lock()

    def begin(self, deadline: float) -> bool:
        """Begin a leadership; False when its time is already over."""
        with self._lock:
            self._deadline = deadline
            return not self._is_over()

    def extend(self, deadline: float) -> bool:
        """Go on to a later deadline; False when the leadership was ended meanwhile, and PostgreSQL with it."""
        with self._lock:
            if self._deadline is None or self._is_over():
                return False
            self._deadline = deadline
            return not self._is_over()

    def open(self) -> bool:
        """Let PostgreSQL start; False when there is no leadership to let it."""
        with self._lock:
            if self._deadline is None or self._is_over():
                return False
            self._fence.open()
            return True

    def close(self, reason: str) -> bool:
        """End the leadership and PostgreSQL; tell whether no process of it is left."""
        with self._lock:
            self._deadline = None
            return self._fence.close(reason)

    def end(self) -> None:
        """End the leadership, and leave PostgreSQL as it is."""
        with self._lock:
            self._deadline = None

    def check(self) -> bool:
        """Fence PostgreSQL if it is time to; tell whether it was."""
        with self._lock:
            if self._deadline is None or not self._is_over():
                return False
            self._deadline = None
            reason = "the leadership was not renewed in time"
            ended = self._fence.close(reason)
            self._say("W" if ended else "E", f"PostgreSQL {'was stopped' if ended else 'has not ended yet'}: {reason}")
            return True

    def watch(self, stopped: threading.Event) -> None:
        """Check until stopped: what a thread runs."""
        while not stopped.wait(_EVERY_S):
            self.check()

    def _is_over(self) -> bool:
        return self._deadline is not None and self._clock.monotonic() >= self._deadline - self._fence_s
