"""A supervisor in memory, whose services obey after a time that a test sets."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

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
            case Order.UP | Order.ONCE if process.phase is not Phase.RUN:
                self._states[service] = replace(process, want="up", since=now)
            case Order.DOWN if process.phase is Phase.RUN:
                self._states[service] = replace(process, want="down", got_term=True, since=process.since)
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
        up_due = process.want == "up" and process.phase is Phase.DOWN and now >= process.since + self.start_s
        if up_due and service not in self.broken:
            process = Process(Phase.RUN, self._pid(), now)
        elif process.want == "down" and process.phase is Phase.RUN and now >= self._asked + self.stop_s:
            process = Process(Phase.DOWN, 0, now)
        self._states[service] = process
        return process

    def _pid(self) -> int:
        self._next_pid += 1
        return self._next_pid
