"""A supervisor in memory, whose services obey after a time that a test sets."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import inf

from chef_backend.base.clock import FakeClock
from chef_backend.supervise.state import Phase, Process, ServiceState
from chef_backend.supervise.supervisor import Order


@dataclass(slots=True)
class FakeSupervisor:
    """Services that are up `start_s` seconds after an order, and down `stop_s` after one; `broken` never start."""

    clock: FakeClock
    services: tuple[str, ...] = ()
    disabled: tuple[str, ...] = ()
    running: bool = True
    start_s: float = 0.0
    stop_s: float = 0.0
    broken: frozenset[str] = frozenset()
    down: set[str] = field(default_factory=set)
    orders: list[tuple[str, Order]] = field(default_factory=list)
    _states: dict[str, Process] = field(default_factory=dict)
    _coming: dict[str, float] = field(default_factory=dict)
    _next_pid: int = 1000
    _asked: float = 0.0

    def defined(self) -> tuple[str, ...]:
        """See Supervisor."""
        return tuple(sorted((*self.services, *self.disabled)))

    def enabled(self) -> tuple[str, ...]:
        """See Supervisor."""
        return tuple(sorted(self.services))

    def state(self, service: str) -> ServiceState | None:
        """See Supervisor."""
        if not self.running or service not in self.services:
            return None
        process = self._settled(service)
        return ServiceState(service, process, service not in self.down, Process(Phase.RUN, 1, 0.0))

    def send(self, service: str, order: Order) -> bool:
        """See Supervisor."""
        if not self.running or service not in self.services:
            return False
        process = self._settled(service)
        self.orders.append((service, order))
        now = self.clock.now().timestamp()
        match order:
            case Order.UP | Order.ONCE:
                self._states[service] = replace(process, want="up" if order is Order.UP else "down")
                if process.phase is not Phase.RUN:
                    self._coming[service] = now + self.start_s
            case Order.DOWN:
                self._states[service] = replace(process, want="down", got_term=process.phase is Phase.RUN)
                self._asked = now
            case Order.RESTART | Order.TERM | Order.KILL:
                phase = Phase.DOWN if service in self.broken else Phase.RUN
                self._states[service] = Process(phase, self._pid() if phase is Phase.RUN else 0, now, want="up")
            case Order.PAUSE | Order.CONT:
                self._states[service] = replace(process, paused=order is Order.PAUSE)
            case _:
                pass
        return True

    def _settled(self, service: str) -> Process:
        """Return a service's process after what the passed time did to it."""
        now = self.clock.now().timestamp()
        first = Process(Phase.DOWN, 0, now) if service in self.down else Process(Phase.RUN, self._pid(), now)
        process = self._states.setdefault(service, first)
        if now >= self._coming.get(service, inf) and service not in self.broken:
            del self._coming[service]
            process = replace(process, phase=Phase.RUN, pid=self._pid(), since=now)
        elif process.got_term and now >= self._asked + self.stop_s:
            process = Process(Phase.DOWN, 0, now, want=process.want)
        self._states[service] = process
        return process

    def _pid(self) -> int:
        self._next_pid += 1
        return self._next_pid
