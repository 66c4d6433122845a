"""The deadline: PostgreSQL takes no writes after it, whatever becomes of who was to move it on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from chef_backend.base.clock import Clock
from chef_backend.leader.fence import Fence
from chef_backend.leader.model import Held

NOT_RENEWED = "the leadership was not renewed in time"


class Deadline(Protocol):
    """What lets PostgreSQL take writes while a leadership holds, and ends it in time."""

    def begin(self, held: Held) -> bool:
        """Begin a leadership; False when its time is already over."""
        ...

    def extend(self, held: Held) -> bool:
        """Go on to a later deadline; False when the leadership was ended meanwhile, and PostgreSQL with it."""
        ...

    def open(self) -> bool:
        """Let PostgreSQL start; False when there is no leadership to let it."""
        ...

    def close(self, reason: str) -> bool:
        """End the leadership and PostgreSQL; tell whether no process of it is left."""
        ...

    def end(self) -> None:
        """End the leadership, and leave PostgreSQL as it is."""
        ...


class Guard:
    """See Deadline: it is over `fence_s` early, for that is how long PostgreSQL may take to end.

    Whoever has one calls `tick` several times a second. Not for several threads at once.
    """

    def __init__(self, fence: Fence, clock: Clock, fence_s: float, say: Callable[[str, str], None]) -> None:
        self._fence = fence
        self._clock = clock
        self._fence_s = fence_s
        self._say = say
        self._is_closed = False
        self.held: Held | None = None

    def begin(self, held: Held) -> bool:
        """See Deadline."""
        self._is_closed = False
        self.held = held
        return not self._is_over(held)

    def extend(self, held: Held) -> bool:
        """See Deadline."""
        if self.held is None or self._is_over(self.held):
            return False
        self.held = held
        return not self._is_over(held)

    def open(self) -> bool:
        """See Deadline."""
        if self.held is None or self._is_over(self.held):
            return False
        try:
            self._fence.open()
        except OSError as error:
            self._say("E", f"PostgreSQL cannot be let start: {error.filename}: {error.strerror}")
            return False
        return True

    def close(self, reason: str) -> bool:
        """See Deadline."""
        return self._close(reason, self._fence_s)

    def end(self) -> None:
        """See Deadline."""
        self.held = None

    def tick(self) -> None:
        """End PostgreSQL if it is time to, and again when it was started all the same."""
        if self.held is not None and self._is_over(self.held):
            # Woken late, as after a machine was suspended: what is left of the time is what there is.
            self._close(NOT_RENEWED, max(0.0, self.held.deadline - self._clock.monotonic()))
        elif self._is_closed and self._fence.is_breached():
            self._close("PostgreSQL was started without a leadership", self._fence_s)

    def _close(self, reason: str, within_s: float) -> bool:
        self.held = None
        self._is_closed = True
        began = self._clock.monotonic()
        ended = self._fence.close(reason, within_s)
        took = f"within {self._clock.monotonic() - began:.1f} s"
        self._say("W" if ended else "E", f"PostgreSQL was {'' if ended else 'not '}ended {took}: {reason}")
        return ended

    def _is_over(self, held: Held) -> bool:
        return self._clock.monotonic() >= held.deadline - self._fence_s
