"""Waits that say for what, how long, and what the service wrote to its log last."""

from __future__ import annotations

from collections.abc import Callable

from chef_backend.base.clock import wait_for
from chef_backend.base.errors import ServiceFailed, TimedOut
from chef_backend.reconfigure.logs import end_of_log
from chef_backend.reconfigure.machine import Machine
from chef_backend.reconfigure.steps import Steps
from chef_backend.roles.node import Node

_EVERY_S = 0.25
_LINES = 3


class Waiting:
    """Waits for the services of one node."""

    def __init__(self, machine: Machine, node: Node, steps: Steps) -> None:
        self._machine = machine
        self._node = node
        self._steps = steps

    def until(self, service: str, what: str, check: Callable[[], bool], *, within_s: float, hint: str = "") -> None:
        """Return as soon as `check` is true; ServiceFailed with the end of the service's log when it never is."""
        shown = ""

        def look() -> bool:
            nonlocal shown
            if check():
                return True
            line = self.last_line(service)
            if line != shown:
                self._steps.note(line)
                shown = line
            return False

        try:
            wait_for(
                what,
                look,
                within_s=within_s,
                clock=self._machine.clock,
                every_s=_EVERY_S,
                evidence=lambda: "\n".join(self.last_lines(service)),
            )
        except TimedOut as error:
            name = service.partition("/")[0]
            way_on = f"see why: chef-backend-ctl tail {name}; then run this command again, which goes on from here"
            raise ServiceFailed(error.message, hint=hint or way_on) from None

    def last_line(self, service: str) -> str:
        """Return the last line of a service's log, without any secret; "" when there is none."""
        return (self.last_lines(service) or [""])[-1]

    def last_lines(self, service: str) -> list[str]:
        """Return the last few lines: the very last of a service that starts again and again is that it starts."""
        return end_of_log(self._machine, self._node, service, _LINES)
