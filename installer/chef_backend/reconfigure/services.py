"""The services of a node brought up, reloaded and restarted as its files ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from chef_backend.base.errors import ServiceFailed
from chef_backend.reconfigure.machine import Machine
from chef_backend.reconfigure.pending import POSTGRESQL, due, settled
from chef_backend.reconfigure.readiness import Readiness
from chef_backend.reconfigure.situation import Situation
from chef_backend.reconfigure.steps import Steps
from chef_backend.reconfigure.waiting import Waiting
from chef_backend.resources.apply import write_receipt
from chef_backend.resources.effects import Effect
from chef_backend.resources.receipt import Receipt
from chef_backend.supervise.supervisor import Order
from chef_backend.supervise.verbs import Verb, start_order, tell

# runsvdir looks for new services every 5 s.
_SUPERVISED_S = 30.0
_UP_S = 15.0
# How long a service may take to end.
_END_S = 240.0
# To be started again: leaderl keeps the leadership meanwhile.
_END_ON_HUP = frozenset({"leaderl"})


class Services:
    """The services of one node."""

    def __init__(self, machine: Machine, situation: Situation, steps: Steps) -> None:
        self._machine = machine
        self._situation = situation
        self._steps = steps
        self._waiting = Waiting(machine, situation.node, steps)
        self.readiness = Readiness(machine, situation.node, self._waiting)

    def bring_up(self, services: Iterable[str]) -> tuple[str, ...]:
        """Start what is down, and return what was; ServiceFailed. Whether they are ready is another question."""
        wanted = start_order(services)
        self._machine.process.start()
        started = []
        for service in wanted:
            self._steps.note(service)
            self._waiting.until(
                service, f"the supervisor to take {service} over", self._is_supervised(service), within_s=_SUPERVISED_S
            )
            state = self._machine.supervisor.state(service)
            if state is None or not state.is_up:
                self._machine.supervisor.send(service, Order.UP)
                self._waiting.until(service, f"{service} to start", self._is_up(service), within_s=_UP_S)
                started.append(service)
        return tuple(started)

    def stop(self, service: str) -> None:
        """Stop a supervised service; ServiceFailed."""
        outcome = tell(self._machine.supervisor, service, Verb.STOP, self._machine.clock, wait_s=_END_S)
        if not outcome.ok:
            raise ServiceFailed(
                f"{service} does not stop: {outcome.line}", hint=f"see why: chef-backend-ctl tail {service}"
            )

    def settle(self, receipt: Receipt, *, restarts_postgresql: bool) -> Receipt:
        """Reload and restart what owes it, in the order of their start; return the receipt with what is left."""
        states = {name: self._machine.supervisor.state(name) for name in receipt.pending}
        left = settled(receipt, states)
        self._record(receipt, left)
        todo = due(left, restarts_postgresql=restarts_postgresql)
        if not self.readiness.postgresql_may_start():
            todo.pop(POSTGRESQL, None)
        for service in _in_order(todo):
            self._steps.note(f"{todo[service]} {service}")
            self._do(service, todo[service])
            before, left = left, left.without_pending(service, todo[service])
            self._record(before, left)
        return left

    def _do(self, service: str, effect: Effect) -> None:
        if service == POSTGRESQL and effect is Effect.RELOAD:
            self.readiness.wait(POSTGRESQL)
            self._machine.clients.database(self._situation.node).reload()
        elif effect is Effect.RELOAD and service not in _END_ON_HUP:
            self._machine.supervisor.send(service, Order.HUP)
        else:
            self._restart(service, Order.HUP if effect is Effect.RELOAD else Order.RESTART)
            self.readiness.wait(service)

    def _restart(self, service: str, order: Order) -> None:
        before = self._machine.supervisor.state(service)
        old = before.process.pid if before else 0
        self._machine.supervisor.send(service, order)
        self._waiting.until(service, f"{service} to start again", self._is_up(service, other_than=old), within_s=_END_S)

    def _is_up(self, service: str, *, other_than: int = 0) -> Callable[[], bool]:
        def look() -> bool:
            state = self._machine.supervisor.state(service)
            return state is not None and state.is_up and state.process.pid != other_than

        return look

    def _is_supervised(self, service: str) -> Callable[[], bool]:
        return lambda: self._machine.supervisor.state(service) is not None

    def _record(self, before: Receipt, after: Receipt) -> None:
        if after != before:
            write_receipt(self._machine.host, self._machine.paths.receipt, after)


def _in_order(names: Iterable[str]) -> list[str]:
    """Return services in the order of their start, each before the program that writes its log.

    Elasticsearch comes last: it takes longest, and leaderl must not wait for it with settings of before.
    """
    given = list(names)
    order = start_order({name.partition("/")[0] for name in given})
    order.sort(key=lambda name: name == "elasticsearch")
    return sorted(given, key=lambda name: (order.index(name.partition("/")[0]), name))
