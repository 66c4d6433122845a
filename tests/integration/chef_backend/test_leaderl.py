"""leaderl of the package on one node, with real etcd and PostgreSQL: what it tells frontends, and what it survives."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from leadernode import CLOCK, TTL_S, LeaderNode, Renewals, Writer, continue_process, stop_process

from chef_backend.base.clock import wait_for
from chef_backend.leader import processes
from chef_backend.supervise.supervisor import Order
from chef_backend.supervise.verbs import Verb, tell


@pytest.fixture(scope="module")
def running() -> Iterator[LeaderNode]:
    """A node that has come up."""
    if os.geteuid() != 0:
        pytest.skip("only root can run services as another user")
    node = LeaderNode()
    try:
        node.start()
        yield node
    finally:
        node.stop()


@pytest.fixture
def node(running: LeaderNode) -> LeaderNode:
    """The same, leading: what the test before did is over."""
    running.until(200)
    return running


def gone(node: LeaderNode) -> bool:
    return processes.running(node.data) == 0


def test_it_leads_and_postgresql_starts_only_then(node: LeaderNode) -> None:
    assert "waiting until leaderl finds that this node leads" in node.log("postgresql")
    assert (node.status["role"], node.status["epoch"], node.status["postgresql"]["state"]) == ("leader", 1, "leader")
    assert (node.record.leader, node.record.epoch, node.record.released) == (node.node.identity.guid, 1, False)
    assert len(node.fencers) == 1


def test_what_it_answers(node: LeaderNode) -> None:
    """HAProxy's check, and everything else."""
    assert [node.ask(path).status_code for path in ("/leader", "/leader?x", "/status", "/metrics")] == [200] * 4
    assert node.ask("/other").status_code == 404
    assert node.ask("/leader", "POST").status_code == 405
    assert node.ask("/leader", "HEAD").content == b""
    assert "chef_backend_leader 1\n" in node.ask("/metrics").text
    status = wait_for(
        "the status", lambda: node.status if node.status["etcd"]["healthy"] else None, within_s=20, clock=CLOCK
    )
    assert status["nodes"][node.node.identity.guid]["leads"]
    assert status["elasticsearch"]["error"]


def test_a_postgresql_that_was_killed_is_503_at_once_and_back_by_itself(node: LeaderNode) -> None:
    epoch = node.record.epoch
    os.kill(node.postmaster, signal.SIGKILL)
    assert node.until(503, 5) < 2
    node.until(200)
    assert node.record.epoch == epoch


def test_a_query_that_outlives_a_killed_postgresql_does_not_keep_it_down(node: LeaderNode) -> None:
    """It does not notice, and its process would keep another server from starting for as long as it takes."""
    epoch, first = node.record.epoch, node.postmaster
    with node.query("select count(*) from generate_series(1, 1000000000)"):
        os.kill(first, signal.SIGKILL)
        node.until(503, 20)
        node.until(200)
    assert node.postmaster != first
    assert node.record.epoch == epoch


def test_a_leaderl_that_was_killed_goes_on_with_the_leadership(node: LeaderNode) -> None:
    """No epoch and no connection is lost for it."""
    epoch, postmaster, pid = node.record.epoch, node.postmaster, node.leaderl_pid
    with Writer(node):
        os.kill(pid, signal.SIGKILL)
        wait_for("another leaderl", lambda: node.leaderl_pid not in {0, pid}, within_s=20, clock=CLOCK)
        node.until(200)
    assert (node.record.epoch, node.postmaster) == (epoch, postmaster)
    wait_for("one fencer", lambda: len(node.fencers) == 1, within_s=20, clock=CLOCK)
    assert "goes on" in node.log()


def test_a_hangup_has_it_start_again_with_the_leadership(node: LeaderNode) -> None:
    epoch, postmaster, pid = node.record.epoch, node.postmaster, node.leaderl_pid
    node.order("leaderl", Order.HUP)
    wait_for("another leaderl", lambda: node.leaderl_pid not in {0, pid}, within_s=20, clock=CLOCK)
    node.until(200)
    assert (node.record.epoch, node.postmaster) == (epoch, postmaster)


def test_a_leaderl_that_stands_still_ends_with_its_server_by_the_deadline(node: LeaderNode) -> None:
    """Nobody can write after it, and when it goes on it leads again."""
    epoch, pid = node.record.epoch, node.leaderl_pid
    with Writer(node) as writer, Renewals(node) as renewals:
        stop_process(pid)
        try:
            wait_for("PostgreSQL to end", lambda: gone(node), within_s=30, clock=CLOCK, every_s=0.02)
            assert CLOCK.monotonic() < renewals.deadline
            wait_for("the deadline", lambda: CLOCK.monotonic() > renewals.deadline + 2, within_s=30, clock=CLOCK)
            assert writer.last < renewals.deadline
            assert gone(node)
        finally:
            continue_process(pid)
        node.until(200)
    assert node.record.epoch == epoch + 1


def test_a_postgresql_that_stands_still_as_well_is_killed_by_the_deadline(node: LeaderNode) -> None:
    """Its first process hears no signal; clients that are connected would go on."""
    pid = node.leaderl_pid
    with Writer(node) as writer, Renewals(node) as renewals:
        stop_process(pid)
        stop_process(node.postmaster)
        try:
            wait_for("PostgreSQL to end", lambda: gone(node), within_s=30, clock=CLOCK, every_s=0.02)
            assert CLOCK.monotonic() < renewals.deadline
            assert writer.last < renewals.deadline
        finally:
            continue_process(pid)
        node.until(200)


def test_an_etcd_that_does_not_answer_ends_it_before_the_deadline(node: LeaderNode) -> None:
    etcd = node.etcd_process
    epoch = node.record.epoch
    with Writer(node) as writer, Renewals(node) as renewals:
        etcd.send_signal(signal.SIGSTOP)
        try:
            node.until(503, TTL_S)
            assert CLOCK.monotonic() < renewals.deadline
            wait_for("PostgreSQL to end", lambda: gone(node), within_s=30, clock=CLOCK, every_s=0.02)
            assert CLOCK.monotonic() < renewals.deadline
            wait_for("the deadline", lambda: CLOCK.monotonic() > renewals.deadline + 2, within_s=30, clock=CLOCK)
            assert writer.last < renewals.deadline
            assert node.code == 503
        finally:
            etcd.send_signal(signal.SIGCONT)
        node.until(200)
    assert node.record.epoch == epoch + 1


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_fencer_that_is_killed_or_stands_still_is_replaced(node: LeaderNode, number: signal.Signals) -> None:
    (fencer,) = wait_for("a fencer", lambda: len(node.fencers) == 1 and node.fencers, within_s=20, clock=CLOCK)
    postmaster = node.postmaster
    started = node.log().count("leader_fencer => started")
    os.kill(fencer, number)
    wait_for("another", lambda: node.log().count("leader_fencer => started") > started, within_s=40, clock=CLOCK)
    assert fencer not in node.fencers
    node.until(200)
    assert node.postmaster == postmaster


def test_a_restart_of_postgresql_is_a_matter_of_seconds(node: LeaderNode) -> None:
    epoch = node.record.epoch
    assert tell(node.supervisor, "postgresql", Verb.RESTART, CLOCK, wait_s=40).ok
    node.until(200)
    assert node.record.epoch == epoch


def test_an_operators_sentinel_keeps_postgresql_down_and_503(node: LeaderNode) -> None:
    node.paths.no_start_pgsql.touch()
    try:
        tell(node.supervisor, "postgresql", Verb.RESTART, CLOCK, wait_s=40)
        node.until(503)
        wait_for("it to wait", lambda: "no-start-pgsql is gone" in node.log("postgresql"), within_s=20, clock=CLOCK)
    finally:
        node.paths.no_start_pgsql.unlink()
    node.until(200)


def test_a_stop_releases_the_leadership_and_leaves_a_lone_server_up(node: LeaderNode) -> None:
    epoch, postmaster = node.record.epoch, node.postmaster
    assert tell(node.supervisor, "leaderl", Verb.STOP, CLOCK, wait_s=40).ok
    assert (node.code, node.record.released) == (0, True)
    wait_for("the fencer to end", lambda: node.fencers == [], within_s=20, clock=CLOCK)
    assert node.postmaster == postmaster
    assert tell(node.supervisor, "leaderl", Verb.START, CLOCK, wait_s=40).ok
    node.until(200)
    assert (node.record.epoch, node.postmaster) == (epoch + 1, postmaster)


def test_a_machine_that_comes_up_without_etcd_serves_nothing(node: LeaderNode) -> None:
    """What it had may be of a leadership that is long over."""
    etcd = node.etcd_process
    for service in ("leaderl", "postgresql"):
        assert tell(node.supervisor, service, Verb.STOP, CLOCK, wait_s=40).ok
    for left in node.paths.leaderl_run.iterdir():
        left.unlink()
    etcd.send_signal(signal.SIGSTOP)
    try:
        for service in ("postgresql", "leaderl"):
            assert tell(node.supervisor, service, Verb.START, CLOCK, wait_s=40).ok
        node.until(503)
        wait_for("a turn", lambda: "nobody can tell who leads" in node.status["reason"], within_s=40, clock=CLOCK)
        assert gone(node)
    finally:
        etcd.send_signal(signal.SIGCONT)
    node.until(200)


def test_no_secret_is_in_its_log_or_its_processes(node: LeaderNode) -> None:
    assert "leader-test-password" not in node.log() + node.log("postgresql")
    for pid in (node.leaderl_pid, *node.fencers):
        for name in ("cmdline", "environ"):
            assert b"leader-test-password" not in Path(f"/proc/{pid}/{name}").read_bytes()
