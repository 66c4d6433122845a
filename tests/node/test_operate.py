"""A node's daily commands on a real one: what is shown, what obeys, what an upgrade restarts, and how each ends."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from hosts import Host, eventually
from limits import small_config
from node import CONFIG, CTL, SERVICES, pids, sql, wait_until_it_leads
from omnibuild.packaging.contents import Format
from repack import Repacker

pytestmark = [pytest.mark.docker, pytest.mark.node, pytest.mark.package]

HEALTHY = {
    "leaderl": "leader: 1; waiting: 0; follower: 0; total: 1",
    "etcd": "health: green; healthy nodes: 1/1",
    "postgresql": "leader: 1; offline: 0; syncing: 0; synced: 0",
    "elasticsearch": "state: green; nodes online: 1/1",
    "disks": "health: green; healthy nodes: 1/1",
}


@pytest.fixture(scope="module")
def node(created: Callable[..., Host]) -> Host:
    """A cluster of one with a row in a table."""
    host = created()
    sql(host, "create table kept as select 42 as answer")
    return host


def cells(host: Host, within_s: float = 120) -> dict[str, str]:
    """The last column of `status` by row."""
    lines = host.run(CTL, "status", check=False, timeout_s=within_s).out.splitlines()
    return {line.split()[0]: re.split(r"  +", line.rstrip())[-1] for line in lines if line}


def restarts(host: Host) -> list[str]:
    """The rows of services that are due for a restart."""
    return re.findall(r"^restart +(\w+): due", host.run(CTL, "status").out, re.MULTILINE)


def wait_until_healthy(host: Host) -> None:
    eventually(lambda: HEALTHY.items() <= cells(host).items(), within_s=180, what="all of status is healthy")


def test_stopped_and_started_it_does_as_before(node: Host) -> None:
    """Each order's exit code, and that of status, which counts what is down and should not be."""
    wait_until_healthy(node)
    assert node.run(CTL, "status").code == 0
    assert node.run(CTL, "service-list").out == "".join(f"{name}*\n" for name in SERVICES)
    stopped = node.run(CTL, "stop", "--wait", "60").out.splitlines()
    assert [line.split(":")[2].strip() for line in stopped] == ["leaderl", "elasticsearch", "postgresql", "etcd"]
    status = node.run(CTL, "status", check=False)
    assert status.code == 4
    assert "Traceback" not in status.out
    assert all("error: " in cell for name, cell in cells(node).items() if name in HEALTHY)
    assert node.run(CTL, "cluster-status").code == 0
    started = node.run(CTL, "start").out.splitlines()
    assert all(re.match(r"ok: run: \w+: \(pid \d+\) \d+s$", line) for line in started)
    wait_until_it_leads(node)
    assert sql(node, "select answer from kept") == "42"


def test_what_hangs_is_an_error_in_its_place(node: Host) -> None:
    """Three services that take connections and never answer hold status up for a few seconds only."""
    wait_until_healthy(node)
    for service in ("elasticsearch", "etcd", "leaderl"):
        node.run(CTL, "pause", service)
    found = cells(node, within_s=30)  # six seconds, and a slow machine's start of the program
    assert {name for name, cell in found.items() if cell.startswith("error: ")} == set(HEALTHY)
    assert node.run(CTL, "cluster-status").code == 0
    node.run(CTL, "cont")
    wait_until_healthy(node)


def test_a_restart_by_hand_ends_what_status_says_is_due(node: Host) -> None:
    """PostgreSQL alone has another process."""
    node.write(CONFIG, small_config(node.address) + "postgresql.max_connections 321\n")
    node.run(CTL, "reconfigure", timeout_s=300)
    assert restarts(node) == ["postgresql"]
    before = pids(node)
    node.run(CTL, "restart", "postgresql", "--wait", "60")
    assert {name for name in SERVICES if pids(node)[name] != before[name]} == {"postgresql"}
    assert restarts(node) == []
    assert sql(node, "show max_connections") == "321"


def test_a_graceful_kill_leaves_nothing_of_a_service(node: Host) -> None:
    """It is started again by an order, and not by itself."""
    assert node.run(CTL, "graceful-kill", "elasticsearch").out.startswith("ok: down: elasticsearch: ")
    assert node.run("pgrep", "java", check=False).code == 1
    assert node.run(CTL, "status", "elasticsearch", check=False).code == 1
    node.run(CTL, "start", "elasticsearch")


def test_an_upgrade_restarts_what_runs_older_code_once(node: Host, repacker: Repacker) -> None:
    """Until then status says so; afterwards the node leads with its data, and a second call leaves it alone."""
    (newer,) = node.put(repacker.package(Format.DEB, "3.3.0"), into="/newer")
    node.sh(f"dpkg --install {newer}", timeout_s=300)
    assert restarts(node) == SERVICES
    before = pids(node)
    assert node.run(CTL, "upgrade", "--failover", check=False).code == 11
    assert pids(node) == before
    said = node.run(CTL, "upgrade", timeout_s=600).out
    assert "Restarted: etcd, postgresql, elasticsearch, leaderl." in said
    after = pids(node)
    assert all(after[name] != before[name] for name in SERVICES)
    wait_until_it_leads(node, within_s=1)
    assert restarts(node) == []
    assert sql(node, "select answer from kept") == "42"
    assert "Nothing was restarted" in node.run(CTL, "upgrade", timeout_s=300).out
    assert pids(node) == after


def test_a_host_in_no_cluster_has_nothing_to_upgrade_or_to_show(deb_host: Callable[..., Host]) -> None:
    """Automation tells by the exit code whether to make a cluster."""
    host = deb_host()
    for words in (("status",), ("cluster-status",), ("upgrade",)):
        found = host.run(CTL, *words, check=False)
        assert (found.code, "in no cluster" in found.out) == (14, True)
    assert host.run(CTL, "service-list").out == ""
