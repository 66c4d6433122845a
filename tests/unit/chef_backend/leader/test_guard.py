"""The deadline, as the fencer keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from chef_backend.base.clock import FakeClock
from chef_backend.leader.fake import FakeServer
from chef_backend.leader.guard import Guard
from chef_backend.leader.model import Held


@dataclass
class Case:
    """A guard of a server, told what it was told to say."""

    clock: FakeClock = field(default_factory=FakeClock)
    server: FakeServer = field(default_factory=lambda: FakeServer(has_permit=True))
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.guard = Guard(self.server, self.clock, 5, lambda level, text: self.said.append(f"[{level}] {text}"))

    def after(self, seconds: float) -> bool:
        """Let time pass, and tell whether the server runs."""
        self.clock.advance(seconds)
        self.guard.tick()
        return self.server.running


@pytest.fixture
def case() -> Case:
    return Case()


def test_a_server_ends_as_early_as_its_end_may_take(case: Case) -> None:
    assert case.guard.begin(Held(1, 1, 30))
    assert case.after(24.9)
    assert not case.after(0.2)
    assert case.said == ["[W] PostgreSQL was ended within 0.0 s: the leadership was not renewed in time"]
    assert case.guard.held is None


def test_a_renewal_moves_the_deadline_on(case: Case) -> None:
    case.guard.begin(Held(1, 1, 30))
    assert case.after(20)
    assert case.guard.extend(Held(2, 1, 50))
    assert case.after(20)
    assert not case.after(5.1)


def test_nothing_is_begun_extended_or_opened_when_it_is_over(case: Case) -> None:
    assert not case.guard.begin(Held(1, 1, 5))
    assert not case.after(0)
    assert not case.guard.extend(Held(2, 1, 50))
    assert not case.guard.open()
    case.guard.begin(Held(3, 2, 50))
    case.clock.advance(45)
    assert not case.guard.extend(Held(4, 2, 90))
    assert not case.guard.open()


def test_an_end_leaves_the_server_as_it_is(case: Case) -> None:
    case.guard.begin(Held(1, 1, 30))
    case.guard.end()
    assert case.after(100)


def test_a_closed_server_stays_closed_until_a_leadership_begins(case: Case) -> None:
    case.guard.close("a test")
    case.server.running = True
    assert not case.after(0.1)
    assert case.said[-1].endswith("PostgreSQL was started without a leadership")
    case.guard.begin(Held(1, 2, 30))
    case.guard.open()
    case.server.supervise()
    assert case.after(1)


def test_a_closed_node_may_become_a_follower(case: Case) -> None:
    case.guard.close("a test")
    case.server.in_recovery = case.server.running = True
    assert case.after(1)


def test_a_folder_that_cannot_be_written_lets_nothing_start(case: Case, tmp_path: Path) -> None:
    """It is said, and the fencer goes on."""

    class Unwritable(FakeServer):
        def open(self) -> None:
            (tmp_path / "gone" / "file").touch()

    guard = Guard(Unwritable(), case.clock, 5, lambda level, text: case.said.append(f"[{level}] {text}"))
    guard.begin(Held(1, 1, 30))
    assert not guard.open()
    assert case.said == [f"[E] PostgreSQL cannot be let start: {tmp_path}/gone/file: No such file or directory"]
