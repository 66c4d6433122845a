"""A time by which the whole must be done."""

from __future__ import annotations

from chef_backend.base.clock import Clock
from chef_backend.base.errors import TimedOut


class Deadline:
    """So many seconds from now; `option` is what gives more."""

    def __init__(self, clock: Clock, seconds: float, option: str) -> None:
        self._clock = clock
        self._seconds = seconds
        self._option = option
        self._end = clock.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds left; TimedOut when there are none."""
        left = self._end - self._clock.monotonic()
        if left <= 0:
            raise TimedOut(
                f"not done within {self._seconds:g} s; nothing was left behind", hint=f"give more time: {self._option}"
            )
        return left
