"""A package that was replaced below running services: what runs older code is restarted, once, in order."""

from __future__ import annotations

import copy

import pytest

from chef_backend.base.errors import Conflict, NotAMember, ServiceFailed
from chef_backend.cluster.create import Creation, Options, examine
from chef_backend.config.problems import ConfigInvalid
from chef_backend.etcd.model import Member
from chef_backend.reconfigure.fake import FakeNode
from chef_backend.reconfigure.steps import Silent
from chef_backend.resources.apply import read_receipt
from chef_backend.resources.fake import Interrupted
from chef_backend.supervise.state import Phase, Process, ServiceState
from chef_backend.supervise.supervisor import Order
from chef_backend.upgrade.code import outdated
from chef_backend.upgrade.run import TITLES, Upgraded, require_successor, upgrade

SERVICES = ("etcd", "postgresql", "elasticsearch", "leaderl")


def created() -> FakeNode:
    """A cluster of one, with a new package since a second."""
    node = FakeNode()
    Creation(node.machine, examine(node.machine, lambda _node: {}), Options(), Silent()).run()
    node.clock.advance(60)
    return node


def run(node: FakeNode, *, installed_at: float | None = None, steps: Silent | None = None) -> Upgraded:
    at = node.clock.now().timestamp() if installed_at is None else installed_at
    return upgrade(node.machine, steps or Silent(), installed_at=at, serves=lambda: node.leads)


def pids(node: FakeNode) -> dict[str, int]:
    return {name: node.pid(name) for name in SERVICES}


def test_what_was_started_before_the_package_is_restarted_in_the_order_of_the_start() -> None:
    """PostgreSQL too, and Elasticsearch last, for which leaderl must not wait; afterwards the node leads."""
    node, steps = created(), Silent()
    before = pids(node)
    node.services.orders.clear()
    done = run(node, steps=steps)
    assert done.restarted == SERVICES
    restarted = [name for name, order in node.services.orders if order is Order.RESTART]
    assert restarted == ["etcd", "postgresql", "leaderl", "elasticsearch"]
    assert all(before[name] != pid for name, pid in pids(node).items())
    assert node.leads
    assert read_receipt(node.host, node.paths.receipt).pending == {}
    assert steps.titles == list(TITLES)


def test_a_second_upgrade_restarts_nothing() -> None:
    node = created()
    installed_at = node.clock.now().timestamp()
    node.clock.advance(1)
    run(node, installed_at=installed_at)
    before = pids(node)
    assert run(node, installed_at=installed_at).restarted == ()
    assert pids(node) == before


def test_a_service_that_was_restarted_since_is_left_alone() -> None:
    """By hand, or because it crashed: it runs the new code."""
    node = created()
    installed_at = node.clock.now().timestamp()
    node.clock.advance(1)
    node.crash("etcd")
    assert run(node, installed_at=installed_at).restarted == ("postgresql", "elasticsearch", "leaderl")


def test_a_setting_that_waited_for_a_restart_comes_with_the_upgrade() -> None:
    node = created()
    node.text = "postgresql.max_connections = 400"
    done = run(node, installed_at=0)
    assert done.restarted == ("postgresql",)
    assert done.outcome.differences == ()


def test_an_upgrade_ended_anywhere_is_gone_on_with() -> None:
    """Whatever was restarted already is not restarted again, and all is in the end."""
    start = created()
    installed_at = start.clock.now().timestamp()
    start.clock.advance(1)
    whole = copy.deepcopy(start)
    run(whole, installed_at=installed_at)
    steps = whole.host.changes - start.host.changes
    assert steps > 8
    for number in range(steps):
        node = copy.deepcopy(start)
        node.host.fails_at = node.host.changes + number
        with pytest.raises(Interrupted):
            run(node, installed_at=installed_at)
        node.host.fails_at, node.holder = None, ""
        middle = pids(node)
        done = run(node, installed_at=installed_at)
        old = {name for name in SERVICES if middle[name] == start.pid(name)}
        assert set(done.restarted) == old
        assert node.leads
        assert read_receipt(node.host, node.paths.receipt).pending == {}


def test_a_wrong_configuration_stops_it_before_anything_is_owed() -> None:
    """A later reconfigure restarts nothing on its account."""
    node = created()
    before, node.text = pids(node), "postgresql.max_conections = 400"
    with pytest.raises(ConfigInvalid):
        run(node)
    assert read_receipt(node.host, node.paths.receipt).pending == {}
    assert pids(node) == before


def test_a_node_that_does_not_come_back_is_an_error_with_its_log() -> None:
    node = created()
    log = node.paths.logs / "leaderl/current"
    node.logs[log] = ["leaderl => PostgreSQL is down"]
    with pytest.raises(ServiceFailed, match="PostgreSQL is down") as caught:
        upgrade(node.machine, Silent(), installed_at=0, serves=lambda: False)
    assert "this node to lead or to follow" in caught.value.message


def test_a_node_in_no_cluster_has_nothing_to_upgrade() -> None:
    with pytest.raises(NotAMember):
        run(FakeNode())


def test_a_node_that_is_alone_has_nobody_to_hand_over_to() -> None:
    """Nothing is changed; with others it is not available yet, and says so."""
    node = created()
    node.etcd.cluster = (Member(1, "a" * 32, (), ()),)
    before = node.host.changes
    with pytest.raises(Conflict, match="alone in its cluster") as caught:
        require_successor(node.machine)
    assert caught.value.exit_code == 11
    node.etcd.cluster = (*node.etcd.cluster, Member(2, "b" * 32, (), ()))
    with pytest.raises(Exception, match="not available in this version"):
        require_successor(node.machine)
    assert node.host.changes == before


def test_older_code_is_told_by_the_start() -> None:
    """What is down, or nobody supervises, starts with the new code."""
    states = {
        "old": ServiceState("old", Process(Phase.RUN, 5, 99.0)),
        "new": ServiceState("new", Process(Phase.RUN, 5, 101.0)),
        "down": ServiceState("down", Process(Phase.DOWN, 0, 99.0)),
        "unknown": None,
    }
    assert outdated(states, 100.0) == ("old",)
    assert outdated(states, 0.0) == ()
