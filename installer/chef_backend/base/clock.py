"""Time as a dependency: the system's, and one that tests move by hand."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar

from chef_backend.base.errors import TimedOut

_T = TypeVar("_T")


class Clock(Protocol):
    """What tells the time and lets it pass."""

    def monotonic(self) -> float:
        """Return seconds that never go back, and go on while the machine is suspended."""
        ...

    def now(self) -> datetime:
        """Return the wall clock's time, with its zone."""
        ...

    def sleep(self, seconds: float) -> None:
        """Return after that many seconds."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def monotonic(self) -> float:
        """Return CLOCK_BOOTTIME: a suspended or paused machine's deadlines pass meanwhile."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def now(self) -> datetime:
        """Return the time in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Sleep; a negative time is none."""
        time.sleep(max(0.0, seconds))


class FakeClock:
    """A clock that moves only when somebody sleeps or advances it."""

    def __init__(self, at: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._at = at
        self._passed = 0.0

    def monotonic(self) -> float:
        """Return the seconds passed."""
        return self._passed

    def now(self) -> datetime:
        """Return the start's time and what passed since."""
        return self._at + timedelta(seconds=self._passed)

    def sleep(self, seconds: float) -> None:
        """Move on at once."""
        self.advance(max(0.0, seconds))

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._passed += seconds


def wait_for(
    what: str,
    check: Callable[[], _T | None],
    *,
    within_s: float,
    clock: Clock,
    every_s: float = 0.2,
    evidence: Callable[[], str] = lambda: "",
) -> _T:
    """Return the first thing that `check` gives other than None or False, asking it at least once.

    Raises TimedOut, which names `what`, the time allowed and `evidence` (the last line of a log, say).
    """
    deadline = clock.monotonic() + within_s
    while True:
        found = check()
        if found is not None and found is not False:
            return found
        left = deadline - clock.monotonic()
        if left <= 0:
            last = evidence()
            raise TimedOut(
                f"waited {within_s:g} s for {what}, in vain" + (f"; the last sign of it: {last}" if last else "")
            )
        clock.sleep(min(every_s, left))
