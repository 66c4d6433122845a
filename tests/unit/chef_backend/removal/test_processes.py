"""Processes that outlived their supervisor: whose are ended, and how."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest
from removable import FakeProcesses

from chef_backend.base.clock import FakeClock, SystemClock, wait_for
from chef_backend.base.errors import ServiceFailed
from chef_backend.removal.processes import Accounts, KernelProcesses, Process, end_all

PROGRAMS = Path("/opt/chef-backend/embedded")
ACCOUNTS = Accounts(own=frozenset({901}), shared=frozenset({26}), programs=PROGRAMS)
OURS = "/opt/chef-backend/embedded/bin/postgres"


@pytest.mark.parametrize(
    ("uid", "program", "ends"),
    [(901, "/bin/bash", True), (901, OURS, True), (26, OURS, True), (26, "/usr/bin/postgres", False), (0, OURS, False)],
)
def test_an_account_that_others_use_too_keeps_its_other_processes(*, uid: int, program: str, ends: bool) -> None:
    """`postgresql.username 'postgres'` is that of a distribution's own server; root's are never ended."""
    processes = FakeProcesses(Process(7, uid, program, 1))
    end_all(processes, ACCOUNTS, FakeClock())
    assert (processes.left == []) is ends


def test_what_does_not_heed_one_signal_gets_the_next() -> None:
    """TERM, then INT, then KILL."""
    processes = FakeProcesses(Process(7, 901, OURS, 1), obeys=(signal.SIGKILL,))
    end_all(processes, ACCOUNTS, FakeClock())
    assert [number.name for _, number in processes.sent] == ["SIGTERM", "SIGINT", "SIGKILL"]


def test_what_cannot_be_killed_is_named() -> None:
    """It waits for a disk."""
    with pytest.raises(ServiceFailed, match=rf"7 \({OURS}\)"):
        end_all(FakeProcesses(Process(7, 901, OURS, 1), obeys=()), ACCOUNTS, FakeClock())


def test_a_real_process_is_seen_and_ended() -> None:
    """With its account and executable; a later one of the same number would not be ended in its place."""
    processes = KernelProcesses(Path("/"))
    child = subprocess.Popen(["sleep", "60"])
    try:
        found = wait_for("the child", lambda: _of(processes, child.pid), within_s=10, clock=SystemClock(), every_s=0.01)
        processes.send(Process(found.pid, found.uid, found.program, found.started + 1), signal.SIGKILL)
        assert child.poll() is None
        processes.send(found, signal.SIGTERM)
        assert child.wait(10) == -signal.SIGTERM
        processes.send(found, signal.SIGTERM)
    finally:
        child.kill()
        child.wait()


def _of(processes: KernelProcesses, pid: int) -> Process | None:
    found = [each for each in processes.running() if each.pid == pid and "sleep" in each.program]
    return found[0] if found else None
