"""Orders, and sv's words for how they went."""

from __future__ import annotations

import pytest

from chef_backend.base.clock import FakeClock
from chef_backend.supervise.fake import FakeSupervisor
from chef_backend.supervise.state import Phase, Process, ServiceState
from chef_backend.supervise.supervisor import Order
from chef_backend.supervise.verbs import Verb, described, start_order, status_line, stop_order, tell


def supervisor(**options: object) -> FakeSupervisor:
    return FakeSupervisor(FakeClock(), ("elasticsearch", "etcd"), **options)  # type: ignore[arg-type]


def test_start_waits_until_the_service_is_up() -> None:
    fake = supervisor(start_s=3, down={"etcd"})
    outcome = tell(fake, "etcd", Verb.START, fake.clock)
    assert outcome.ok
    assert outcome.line.startswith("ok: run: etcd: (pid 1")
    assert fake.clock.monotonic() == pytest.approx(3, abs=0.2)


def test_stop_says_since_when_and_what_comes_with_the_supervisor() -> None:
    fake = supervisor()
    assert tell(fake, "etcd", Verb.STOP, fake.clock).line == "ok: down: etcd: 0s, normally up"
    fake.clock.advance(393)
    assert tell(fake, "etcd", Verb.STOP, fake.clock).line == "ok: down: etcd: 393s, normally up"


class Slow(FakeSupervisor):
    """Its first answer after an order is from before it, as runsv's is that has not read it yet."""

    late: ServiceState | None = None

    def send(self, service: str, order: Order) -> bool:
        self.late = super().state(service)
        return super().send(service, order)

    def state(self, service: str) -> ServiceState | None:
        found, self.late = self.late or super().state(service), None
        return found


def test_what_an_order_changed_is_told_not_what_was_there_before_it() -> None:
    """A service that is up once and then for good is not said to be wanted down; and the other way round."""
    fake = Slow(FakeClock(), ("etcd",))
    assert tell(fake, "etcd", Verb.ONCE, fake.clock).line.endswith("s, want down")
    assert tell(fake, "etcd", Verb.START, fake.clock).line.endswith("s")
    fake.broken = frozenset({"etcd"})
    assert tell(fake, "etcd", Verb.RESTART, fake.clock).line == "timeout: down: etcd: 7s, normally up, want up"
    assert tell(fake, "etcd", Verb.STOP, fake.clock).line.endswith("s, normally up")


def test_restart_means_another_process() -> None:
    fake = supervisor()
    before = fake.state("etcd")
    assert tell(fake, "etcd", Verb.RESTART, fake.clock).ok
    after = fake.state("etcd")
    assert before
    assert after
    assert before.process.pid != after.process.pid


def test_what_does_not_stop_in_time_is_told_with_its_state() -> None:
    fake = supervisor(stop_s=60)
    fake.clock.advance(5)
    outcome = tell(fake, "elasticsearch", Verb.STOP, fake.clock)
    assert not outcome.ok
    assert outcome.line.startswith("timeout: run: elasticsearch: (pid ")
    assert outcome.line.endswith("s, want down, got TERM")
    assert fake.orders == [("elasticsearch", Order.DOWN)]


def test_without_a_supervisor_nothing_is_waited_for() -> None:
    fake = supervisor(running=False)
    outcome = tell(fake, "etcd", Verb.START, fake.clock)
    assert (outcome.ok, outcome.line) == (False, "fail: etcd: runsv not running")
    assert fake.clock.monotonic() == 0


@pytest.mark.parametrize("verb", [Verb.HUP, Verb.INT, Verb.TERM, Verb.KILL, Verb.USR1, Verb.USR2])
def test_signals_are_sent_and_the_state_is_told(verb: Verb) -> None:
    fake = supervisor()
    assert tell(fake, "etcd", verb, fake.clock).line.startswith("ok: run: etcd: (pid ")
    assert fake.orders == [("etcd", verb.order)]


def test_a_pause_is_seen_before_it_is_told() -> None:
    """And its end; what is down has nothing to pause."""
    fake = supervisor(down={"elasticsearch"})
    assert tell(fake, "etcd", Verb.PAUSE, fake.clock).line.endswith(", paused")
    assert tell(fake, "etcd", Verb.CONT, fake.clock).line.endswith("s")
    assert tell(fake, "elasticsearch", Verb.PAUSE, fake.clock, wait_s=0).ok


def test_status_is_the_service_and_its_log() -> None:
    state = ServiceState(
        "etcd", Process(Phase.RUN, 6742, since=0), normally_up=True, log=Process(Phase.RUN, 6630, since=-3)
    )
    assert status_line("etcd", state, 106981) == "run: etcd: (pid 6742) 106981s; run: log: (pid 6630) 106984s"
    assert status_line("etcd", None, 0) == "fail: etcd: runsv not running"


def test_every_oddity_is_told() -> None:
    paused = Process(Phase.RUN, 7, since=0, paused=True, want="down", got_term=True)
    assert described(ServiceState("x", paused, normally_up=False), 9) == (
        "run: x: (pid 7) 9s, normally down, paused, want down, got TERM"
    )
    coming = Process(Phase.DOWN, 0, since=0, want="up")
    assert described(ServiceState("x", coming), 9) == "down: x: 9s, normally up, want up"


def test_stop_is_the_reverse_of_start() -> None:
    names = ["zebra", "leaderl", "elasticsearch", "etcd", "postgresql"]
    assert start_order(names) == ["etcd", "postgresql", "elasticsearch", "leaderl", "zebra"]
    assert stop_order(names) == start_order(names)[::-1]
