"""Orders to the runsvdir of the package (or of this host), and what comes of them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefix import program

from chef_backend.base.clock import SystemClock, wait_for
from chef_backend.base.paths import Paths
from chef_backend.base.proc import SystemRunner
from chef_backend.supervise.graceful import graceful_kill
from chef_backend.supervise.logs import log_files, log_folders
from chef_backend.supervise.process import Runsvdir
from chef_backend.supervise.runit import RunitSupervisor
from chef_backend.supervise.state import ServiceState
from chef_backend.supervise.supervisor import Order
from chef_backend.supervise.tree import ProcessTree
from chef_backend.supervise.verbs import Verb, tell

CLOCK = SystemClock()


@pytest.fixture
def paths(tmp_path: Path) -> Iterator[Paths]:
    """Two services, one of them normally down and one that ignores TERM, under a supervisor."""
    found = Paths(tmp_path)
    define(found, "obedient", "exec sleep 1000")
    define(found, "stubborn", "trap '' TERM\nwhile :; do sleep 1; done")
    (found.sv / "stubborn/down").touch()
    runsvdir = program("runsvdir")
    environment = {"PATH": f"{runsvdir.parent}:/usr/bin:/bin"}
    process = subprocess.Popen([runsvdir, "-P", str(found.service)], env=environment)
    yield found
    supervisor = RunitSupervisor(found)
    for service in supervisor.enabled():
        supervisor.send(service, Order.DOWN)
        supervisor.send(service, Order.KILL)
    process.send_signal(signal.SIGHUP)
    process.wait(30)


def define(paths: Paths, name: str, script: str) -> None:
    """Write a service's definition and enable it."""
    folder = paths.sv / name
    folder.mkdir(parents=True)
    (folder / "run").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "run").chmod(0o755)
    paths.service.mkdir(parents=True, exist_ok=True)
    (paths.service / name).symlink_to(folder)


def supervised(supervisor: RunitSupervisor, service: str) -> ServiceState:
    """Return the state as soon as runsv watches the service."""
    return wait_for(f"runsv of {service}", lambda: supervisor.state(service), within_s=20, clock=CLOCK)


def running(supervisor: RunitSupervisor, service: str) -> ServiceState:
    """Return the state as soon as the service runs."""
    return wait_for(service, lambda: (s := supervisor.state(service)) and s.is_up and s, within_s=20, clock=CLOCK)


def test_the_life_of_a_service(paths: Paths) -> None:
    """Up by itself, stopped, started, restarted, killed and back: each with a process of its own."""
    supervisor = RunitSupervisor(paths)
    assert supervisor.enabled() == supervisor.defined() == ("obedient", "stubborn")
    first = running(supervisor, "obedient").process.pid
    assert first
    stopped = tell(supervisor, "obedient", Verb.STOP, CLOCK)
    assert stopped.ok, stopped.line
    assert stopped.line.startswith("ok: down: obedient: ")
    assert tell(supervisor, "obedient", Verb.START, CLOCK).ok
    second = supervised(supervisor, "obedient").process.pid
    assert tell(supervisor, "obedient", Verb.RESTART, CLOCK).ok
    assert tell(supervisor, "obedient", Verb.ONCE, CLOCK).line.endswith("s, want down")
    assert "want" not in tell(supervisor, "obedient", Verb.START, CLOCK).line
    third = supervised(supervisor, "obedient").process.pid
    assert tell(supervisor, "obedient", Verb.KILL, CLOCK).ok
    wait_for(
        "another process",
        lambda: (s := supervisor.state("obedient")) and s.is_up and s.process.pid != third,
        within_s=20,
        clock=CLOCK,
    )
    assert len({first, second, third}) == 3


def test_a_service_that_is_normally_down_waits_for_its_order(paths: Paths) -> None:
    supervisor = RunitSupervisor(paths)
    state = supervised(supervisor, "stubborn")
    assert (state.is_up, state.normally_up) == (False, False)
    started = tell(supervisor, "stubborn", Verb.START, CLOCK)
    assert started.ok
    assert ", normally down" in started.line
    late = tell(supervisor, "stubborn", Verb.STOP, CLOCK, wait_s=1)
    assert not late.ok
    assert late.line.startswith("timeout: run: stubborn: (pid ")
    assert ", want down, got TERM" in late.line


def test_what_nobody_supervises(paths: Paths) -> None:
    """A definition without a runsv is told apart, and nothing blocks on it."""
    shutil.copytree(paths.sv / "obedient", paths.sv / "fresh", ignore=shutil.ignore_patterns("supervise"))
    supervisor = RunitSupervisor(paths)
    assert "fresh" in supervisor.defined()
    assert "fresh" not in supervisor.enabled()
    assert supervisor.state("fresh") is None
    assert not supervisor.send("fresh", Order.UP)


def test_what_does_not_stop_is_killed_with_its_children(paths: Paths) -> None:
    """The supervisor itself, whose process group a service is in, goes on."""
    supervisor = RunitSupervisor(paths)
    supervised(supervisor, "stubborn")
    assert tell(supervisor, "stubborn", Verb.START, CLOCK).ok
    pid = supervised(supervisor, "stubborn").process.pid
    wait_for("its child", lambda: len(ProcessTree(pid).alive()) > 1, within_s=20, clock=CLOCK)
    outcome, killed = graceful_kill(supervisor, "stubborn", CLOCK, ProcessTree, wait_s=1)
    assert outcome.ok, outcome.line
    assert outcome.line.startswith("ok: down: stubborn: ")
    assert pid in killed
    assert ProcessTree(pid).alive() == ()
    assert running(supervisor, "obedient").process.pid


def test_a_paused_service_goes_on_when_told_to(paths: Paths) -> None:
    supervisor = RunitSupervisor(paths)
    running(supervisor, "obedient")
    assert tell(supervisor, "obedient", Verb.PAUSE, CLOCK).line.endswith("s, paused")
    assert tell(supervisor, "obedient", Verb.CONT, CLOCK).line.endswith("s")


def test_a_log_is_followed_through_its_rotation_until_ctrl_c(paths: Paths) -> None:
    """As svlogd rotates it: the file gets another name, and a new one takes its place."""
    folder = paths.logs / "etcd"
    folder.mkdir(parents=True)
    (folder / "current").write_text("before\n")
    files = [str(file) for file in log_files(log_folders(paths, ["etcd"], everything=False))]
    code = "import sys; from pathlib import Path; from chef_backend.supervise.follow import follow; "
    argv = [sys.executable, "-c", code + "follow(map(Path, sys.argv[1:]))", *files]
    environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "before\n"
        (folder / "current").rename(folder / "@400000005a85bc4a.s")
        (folder / "current").write_text("after\n")
        assert process.stdout.readline() == "after\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == -signal.SIGINT
        assert "Traceback" not in process.stderr.read()


def test_a_service_that_nobody_supervises_is_not_waited_for(tmp_path: Path) -> None:
    """As after the init script's stop: the removal that comes next finds nothing to stop."""
    paths = Paths(tmp_path)
    define(paths, "orphan", "exec sleep 1000")
    process = Runsvdir(SystemRunner(), paths, CLOCK)
    process.stop()
    assert not process.is_running()
