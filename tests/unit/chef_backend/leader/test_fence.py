"""PostgreSQL's processes ended, and what keeps it from starting."""

from __future__ import annotations

import json
import os
import signal

import pytest
from pseudo import PseudoServer, Slept

from chef_backend.leader.fence import LocalFence
from chef_backend.leader.model import Barrier


@pytest.fixture
def clock() -> Slept:
    return Slept()


@pytest.fixture
def fence(server: PseudoServer, clock: Slept) -> LocalFence:
    return LocalFence(server.sentinels, server.data, clock)


def test_a_server_is_ended_and_does_not_start_again(server: PseudoServer, fence: LocalFence) -> None:
    server.start()
    fence.open()
    assert (fence.barrier(), fence.is_breached()) == (Barrier.NONE, True)
    assert fence.close("a test", 10)
    assert not server.runs()
    assert (fence.barrier(), fence.is_breached()) == (Barrier.OURS, False)
    found = json.loads(server.sentinels.no_start.read_bytes())
    assert (found["format"], found["by"], found["reason"]) == (1, "leaderl", "a test")
    assert not server.sentinels.may_start.exists()


@pytest.mark.parametrize("stopped", [False, True])
def test_one_that_does_not_heed_is_killed_in_its_time(
    server: PseudoServer, fence: LocalFence, clock: Slept, *, stopped: bool
) -> None:
    """Also where its first process is stopped, and hears nothing: its others would go on."""
    first = server.start(stubborn=True)
    server.start(stubborn=True, is_first=False)
    if stopped:
        first.send_signal(signal.SIGSTOP)
    assert fence.close("a test", 0.5)
    assert clock.passed_s < 1.5
    assert not server.runs()


def test_what_is_left_without_its_first_process_is_ended_too(server: PseudoServer, fence: LocalFence) -> None:
    """A transaction that is under way does not notice that the first process was killed."""
    first = server.start()
    server.start(is_first=False)
    first.kill()
    first.wait()
    assert server.runs()
    assert fence.close("a test", 0.2)
    assert not server.runs()


def test_without_time_everything_is_killed_at_once(server: PseudoServer, fence: LocalFence, clock: Slept) -> None:
    """It is only waited for to be gone."""
    server.start(stubborn=True)
    assert fence.close("a test", 0)
    assert clock.passed_s <= 1


def test_a_number_in_postmaster_pid_that_is_another_process_now_is_left_alone(
    server: PseudoServer, fence: LocalFence
) -> None:
    (server.data / "postmaster.pid").write_text(f"{os.getpid()}\n")
    assert fence.close("a test", 0.2)
    assert not fence.is_breached()


def test_a_programme_of_somebody_who_looks_around_there_is_left_alone(server: PseudoServer, fence: LocalFence) -> None:
    server.program = server.program.rename(server.folder / "shell")
    child = server.start(is_first=False)
    assert fence.close("a test", 0.2)
    assert child.poll() is None


def test_where_the_sentinel_cannot_be_written_the_server_is_ended_and_shut_all_the_same(server: PseudoServer) -> None:
    """On a full disk, say: the file that must be there to start it is on another one, and is removed."""
    nowhere = server.sentinels.no_start.parent / "gone" / "no-start"
    fence = LocalFence(type(server.sentinels)(nowhere, server.sentinels.may_start), server.data, Slept())
    server.start()
    fence.open()
    assert fence.close("a test", 10)
    assert (server.runs(), fence.barrier()) == (False, Barrier.SHUT)


def test_a_machine_that_came_up_is_shut_until_leaderl_opens(server: PseudoServer, fence: LocalFence) -> None:
    assert fence.barrier() is Barrier.SHUT
    fence.open()
    assert fence.barrier() is Barrier.NONE


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"by": "somebody"}'])
def test_a_sentinel_of_somebody_else_is_theirs(server: PseudoServer, fence: LocalFence, content: bytes) -> None:
    server.sentinels.no_start.write_bytes(content)
    assert fence.barrier() is Barrier.FOREIGN
    fence.open()
    assert server.sentinels.no_start.read_bytes() == content
    assert not server.sentinels.may_start.exists()
    fence.close("a test", 0.2)
    assert server.sentinels.no_start.read_bytes() == content


@pytest.mark.parametrize("name", ["standby.signal", "recovery.conf"])
def test_a_follower_that_runs_is_no_breach(server: PseudoServer, fence: LocalFence, name: str) -> None:
    (server.data / name).touch()
    server.start()
    assert not fence.is_breached()
