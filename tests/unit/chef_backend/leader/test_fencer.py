"""The fencer as a process of its own: whatever becomes of leaderl, the server ends by the deadline."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pseudo import PseudoServer

from chef_backend.base.clock import FakeClock, SystemClock, wait_for
from chef_backend.leader.fake import FakeServer
from chef_backend.leader.fence import LocalFence
from chef_backend.leader.fencer.keeper import SOCKET, FencerProcess, Place
from chef_backend.leader.fencer.talk import Word, answered, asked, read
from chef_backend.leader.guard import Guard
from chef_backend.leader.model import Held

CLOCK = SystemClock()
FENCE_S = 0.4


def in_s(seconds: float, epoch: int = 1) -> Held:
    return Held(7, epoch, CLOCK.monotonic() + seconds)


@dataclass
class Leaderl:
    """The part of leaderl that has a fencer."""

    server: PseudoServer
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        place = Place(self.server.folder, self.server.data, self.server.sentinels, FENCE_S)
        fence = LocalFence(self.server.sentinels, self.server.data, CLOCK)
        self.fencer = FencerProcess(place, fence, CLOCK, lambda level, text: self.said.append(f"[{level}] {text}"))

    @property
    def pid(self) -> int:
        link = self.fencer._link
        return link.process.pid if link is not None and link.process is not None else 0

    def start(self) -> Held | None:
        """Have a fencer that answers."""
        held = self.fencer.take_over()
        assert self.fencer._ask(Word.STATE) is not None
        return held

    def die(self) -> None:
        """End as by SIGKILL: nothing is said, the connection is gone."""
        if self.fencer._link is not None:
            self.fencer._link.socket.close()

    def clean(self) -> None:
        link = self.fencer._link
        if link is not None and link.process is not None:
            link.process.kill()
            link.process.wait()


@pytest.fixture
def leaderls(server: PseudoServer) -> Iterator[list[Leaderl]]:
    """As many as a test starts one after the other on one node."""
    found: list[Leaderl] = []
    yield found
    for each in found:
        each.clean()


@pytest.fixture
def leaderl(server: PseudoServer, leaderls: list[Leaderl]) -> Leaderl:
    leaderls.append(Leaderl(server))
    return leaderls[0]


def ends_before(server: PseudoServer, deadline: float) -> None:
    """Wait until no process of the server is left, which must be so by the deadline."""
    wait_for("the server to end", lambda: not server.runs(), within_s=20, clock=CLOCK, every_s=0.01)
    assert CLOCK.monotonic() < deadline


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.mark.parametrize("stubborn", [False, True])
def test_a_leaderl_that_says_nothing_more(server: PseudoServer, leaderl: Leaderl, *, stubborn: bool) -> None:
    """Stopped, hung or starved: the same from here."""
    assert leaderl.start() is None
    server.start(stubborn=stubborn)
    held = in_s(3)
    assert leaderl.fencer.begin(held)
    assert leaderl.fencer.open()
    assert server.sentinels.may_start.exists()
    ends_before(server, held.deadline)
    assert not leaderl.fencer.extend(in_s(30))
    assert not leaderl.fencer.open()


def test_a_leaderl_that_was_killed(server: PseudoServer, leaderl: Leaderl) -> None:
    """And then the fencer ends, too: there is nothing more to guard."""
    leaderl.start()
    server.start()
    held = in_s(3)
    leaderl.fencer.begin(held)
    pid = leaderl.pid
    leaderl.die()
    ends_before(server, held.deadline)
    wait_for("the fencer to end", lambda: gone(pid), within_s=20, clock=CLOCK)


def test_renewals_keep_the_server_up_and_an_end_leaves_it(server: PseudoServer, leaderl: Leaderl) -> None:
    leaderl.start()
    server.start()
    leaderl.fencer.begin(in_s(2))
    until = CLOCK.monotonic() + 2.5
    while CLOCK.monotonic() < until:
        assert leaderl.fencer.extend(in_s(2))
    leaderl.fencer.end()
    pid = leaderl.pid
    leaderl.die()
    wait_for("the fencer to end", lambda: gone(pid), within_s=20, clock=CLOCK)
    assert server.runs()


def test_a_close_is_waited_for(server: PseudoServer, leaderl: Leaderl) -> None:
    leaderl.start()
    server.start(stubborn=True)
    leaderl.fencer.begin(in_s(30))
    assert leaderl.fencer.close("a test")
    assert not server.runs()
    assert "a test" in server.sentinels.no_start.read_text()


def test_a_new_leaderl_goes_on_with_what_the_one_before_had(
    server: PseudoServer, leaderl: Leaderl, leaderls: list[Leaderl]
) -> None:
    """Its own fencer takes the place of the old one, which ends and touches nothing."""
    leaderl.start()
    server.start()
    held = in_s(4, epoch=5)
    leaderl.fencer.begin(held)
    old = leaderl.pid
    leaderl.die()
    leaderls.append(Leaderl(server))
    assert leaderls[1].start() == held
    wait_for("the old fencer to end", lambda: gone(old), within_s=20, clock=CLOCK)
    assert server.runs()
    assert leaderls[1].fencer.extend(in_s(6, epoch=5))
    until = held.deadline
    wait_for("the old deadline", lambda: CLOCK.monotonic() > until, within_s=20, clock=CLOCK)
    assert server.runs()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_fencer_that_is_killed_or_stopped_is_replaced_and_the_deadline_kept(
    server: PseudoServer, leaderl: Leaderl, number: signal.Signals
) -> None:
    leaderl.start()
    server.start()
    held = in_s(12)
    leaderl.fencer.begin(held)
    first = leaderl.pid
    stopped = threading.Event()
    thread = threading.Thread(target=leaderl.fencer.watch, args=(stopped,))
    thread.start()
    try:
        os.kill(first, number)
        wait_for("another fencer", lambda: leaderl.pid not in {0, first}, within_s=30, clock=CLOCK)
        assert server.runs()
        ends_before(server, held.deadline)
    finally:
        stopped.set()
        thread.join()
    assert any("another one is started" in line for line in leaderl.said)


def test_without_any_fencer_leaderl_keeps_the_deadline_itself(server: PseudoServer, leaderl: Leaderl) -> None:
    leaderl.start()
    server.start()
    held = in_s(3)
    leaderl.fencer.begin(held)
    os.kill(leaderl.pid, signal.SIGKILL)
    (server.folder / SOCKET).unlink()
    leaderl.fencer._place = Place(server.folder / "gone", server.data, server.sentinels, FENCE_S)
    stopped = threading.Event()
    thread = threading.Thread(target=leaderl.fencer.watch, args=(stopped,))
    thread.start()
    try:
        wait_for("the server to end", lambda: not server.runs(), within_s=20, clock=CLOCK)
    finally:
        stopped.set()
        thread.join()
    assert not leaderl.fencer.begin(in_s(30))
    assert any("cannot be started" in line for line in leaderl.said)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_to_everything_does_not_end_it(server: PseudoServer, leaderl: Leaderl, number: signal.Signals) -> None:
    leaderl.start()
    server.start()
    assert leaderl.fencer.begin(in_s(30))
    os.kill(leaderl.pid, number)
    pid = leaderl.pid
    assert leaderl.fencer.extend(in_s(30))
    assert leaderl.pid == pid


@pytest.mark.parametrize(
    "message", [b"", b"{", b"[]", b'{"do": "begin"}', b'{"do": "sing", "held": null, "reason": ""}', asked(Word.BEGIN)]
)
def test_what_is_no_request_is_refused(message: bytes) -> None:
    guard = Guard(FakeServer(), FakeClock(), 5, lambda _level, _text: None)
    with pytest.raises((ValueError, KeyError, TypeError)):
        answered(message, guard)


def test_every_word_is_answered() -> None:
    guard = Guard(FakeServer(), FakeClock(), 5, lambda _level, _text: None)
    held = Held(3, 2, 50.5)
    for word in Word:
        reply = read(answered(asked(word, held, "x" * 10_000), guard))
        assert reply.done
        assert reply.held == guard.held
