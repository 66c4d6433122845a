"""A stop that always ends."""

from __future__ import annotations

from dataclasses import dataclass, field

from chef_backend.base.clock import FakeClock
from chef_backend.supervise.fake import FakeSupervisor
from chef_backend.supervise.graceful import graceful_kill
from chef_backend.supervise.supervisor import Order


@dataclass
class Held:
    """The processes of a service; `survivors` do not end by themselves, and with them the service does not."""

    supervisor: FakeSupervisor
    survivors: tuple[int, ...] = ()
    killed: bool = False
    asked: list[int] = field(default_factory=list)

    def hold(self, pid: int) -> Held:
        self.asked.append(pid)
        return self

    def alive(self) -> tuple[int, ...]:
        return () if self.killed else self.survivors

    def kill(self) -> None:
        self.killed = True
        self.supervisor.stop_s = 0


def test_what_obeys_is_only_stopped() -> None:
    clock = FakeClock()
    held = Held(FakeSupervisor(clock, ("etcd",)))
    outcome, killed = graceful_kill(held.supervisor, "etcd", clock, held.hold)
    assert (outcome.ok, killed, held.killed) == (True, (), False)
    assert outcome.line == "ok: down: etcd: 0s, normally up"


def test_what_does_not_obey_is_killed_with_all_it_started() -> None:
    clock = FakeClock()
    held = Held(FakeSupervisor(clock, ("etcd",), stop_s=3600), survivors=(4, 5))
    outcome, killed = graceful_kill(held.supervisor, "etcd", clock, held.hold, wait_s=7)
    assert (outcome.ok, killed, held.killed) == (True, (4, 5), True)
    assert len(held.asked) == 1
    assert held.supervisor.orders == [("etcd", Order.DOWN), ("etcd", Order.DOWN)]


def test_a_child_that_outlives_its_service_is_killed_too() -> None:
    """PostgreSQL could not start again beside one of its old processes."""
    clock = FakeClock()
    held = Held(FakeSupervisor(clock, ("etcd",)), survivors=(5,))
    outcome, killed = graceful_kill(held.supervisor, "etcd", clock, held.hold)
    assert (outcome.ok, killed) == (True, (5,))


def test_without_a_supervisor_nobody_is_killed() -> None:
    clock = FakeClock()
    held = Held(FakeSupervisor(clock, ("etcd",), running=False), survivors=(5,))
    outcome, killed = graceful_kill(held.supervisor, "etcd", clock, held.hold)
    assert (outcome.ok, outcome.supervised, killed, held.asked) == (False, False, (), [])
