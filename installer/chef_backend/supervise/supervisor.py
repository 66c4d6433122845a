"""The supervisor as the rest of the node sees it: what there is, its state, and orders."""

from __future__ import annotations

from enum import Enum
from typing import Protocol

from chef_backend.supervise.state import ServiceState


class Order(Enum):
    """What a service can be told; the value is what runsv reads from `supervise/control`, see runsv(8)."""

    UP = b"u"
    DOWN = b"d"
    ONCE = b"o"
    PAUSE = b"p"
    CONT = b"c"
    HUP = b"h"
    ALARM = b"a"
    INT = b"i"
    QUIT = b"q"
    USR1 = b"1"
    USR2 = b"2"
    TERM = b"t"
    KILL = b"k"
    # End it as an order of its own, resume it if it is paused, and have it up again.
    RESTART = b"tcu"


class Supervisor(Protocol):
    """Every service of this node; names are those of folders in sv/."""

    def defined(self) -> tuple[str, ...]:
        """Return the services that there is a definition of, sorted."""
        ...

    def enabled(self) -> tuple[str, ...]:
        """Return the services that are supervised, or will be as soon as a supervisor runs, sorted."""
        ...

    def state(self, service: str) -> ServiceState | None:
        """Return a service's state, None while nothing supervises it."""
        ...

    def send(self, service: str, order: Order) -> bool:
        """Give an order; False when nothing supervises the service. NotPermitted for anyone but root."""
        ...
