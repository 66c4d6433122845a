"""A last look before what cannot be undone: a banner, and time to think again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from chef_backend.base.clock import Clock
from chef_backend.ctl.prompts import Declined

_WIDTH: Final = 72
_EVERY_S: Final = 10


def banner(headline: str, lines: Iterable[str]) -> str:
    """Return a headline in a frame, and lines below it."""
    edge = "*" * _WIDTH
    return "\n".join([edge, f"{f' {headline} ':*^{_WIDTH}}", edge, *lines])


def count_down(seconds: int, clock: Clock, show: Callable[[str], None]) -> None:
    """Return after the time has passed; Declined when Ctrl-C is pressed meanwhile."""
    try:
        for left in range(seconds, 0, -_EVERY_S):
            show(f"{left} seconds left: press Ctrl-C to change nothing")
            clock.sleep(min(_EVERY_S, left))
    except KeyboardInterrupt:
        raise Declined("interrupted; nothing was changed") from None
