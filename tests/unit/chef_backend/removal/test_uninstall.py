"""A node stopped for good, with all that it has."""

from __future__ import annotations

import pytest
from removable import FakeNode

from chef_backend.base.errors import ServiceFailed
from chef_backend.reconfigure.steps import Silent
from chef_backend.removal.processes import Process
from chef_backend.removal.uninstall import TITLES, uninstall
from chef_backend.resources.apply import read_receipt


def test_only_links_that_reconfigure_makes_go() -> None:
    """An operator's own service stays defined and enabled; so does everything else."""
    node = FakeNode()
    before = dict(node.host.tree)
    steps = Silent()
    uninstall(node.machine(), steps)
    assert steps.titles == list(TITLES)
    assert before.keys() - node.host.tree.keys() == {node.paths.service / "etcd"}
    assert node.did == ["retire"]
    left = read_receipt(node.host, node.paths.receipt).entries
    assert node.paths.running in left
    assert node.paths.service / "etcd" not in left
    uninstall(node.machine(), Silent())


def test_processes_left_over_are_ended() -> None:
    """A shell of the account, too: it holds files open."""
    node = FakeNode()
    node.processes.left.append(Process(7, 902, "/bin/sh", 1))
    uninstall(node.machine(), Silent())
    assert node.processes.left == []


def test_a_service_that_does_not_stop_stays_enabled() -> None:
    """Its data is to be kept, so it is not killed: the operator is told."""
    node = FakeNode()
    node.stops = False
    with pytest.raises(ServiceFailed):
        uninstall(node.machine(), Silent())
    assert node.paths.service / "etcd" in node.host.tree
