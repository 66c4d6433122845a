"""preflight, doctor and health of a real node: each fault is found, and what a finding says mends it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from hosts import Host, eventually
from limits import small_config
from node import CONFIG, CREATE, CTL, SECRETS, SOCKET, pids, wait_until_it_leads

pytestmark = [pytest.mark.docker, pytest.mark.node, pytest.mark.package]

# What a container on a machine of a developer's has against it: its clock, its limits, a disk that others use.
OF_THE_HOST = {"CBWARN001", "CB105", "CB115", "CB141", "CB142", "CB322"}
# Who has just started a service is told so for a while.
SETTLING = {"CB302"}
HBA = "/var/opt/chef-backend/postgresql/15/data/pg_hba.conf"
LOGS = "/var/log/chef-backend"
MADE = "ls -A /etc/chef-backend /var/opt/chef-backend /opt/chef-backend/sv"


@pytest.fixture(scope="module")
def node(created: Callable[..., Host]) -> Host:
    """A cluster of one."""
    return created()


def findings(host: Host, command: str) -> dict[str, dict[str, Any]]:
    """Return what is not fine, by code."""
    document = json.loads(host.run(CTL, command, "--json", check=False).out)
    return {each["code"]: each for each in document["findings"] if each["severity"] not in {"ok", "note"}}


def test_a_node_that_was_just_made_is_well(node: Host) -> None:
    """Whatever is found is its host's doing, and none of it is critical; each command ends as documented."""
    assert findings(node, "preflight").keys() <= OF_THE_HOST
    assert findings(node, "doctor").keys() <= OF_THE_HOST | SETTLING
    assert node.run(CTL, "preflight").code == 0
    assert node.run(CTL, "doctor").code == 0
    ran = node.run(CTL, "health", "--ignore", "CB105", "--ignore", "CB302")
    assert ran.out.startswith("CHEF-BACKEND OK - backend-1 leads; ")
    assert len(ran.out.splitlines()) == 1
    assert node.run(CTL, "health", user="nobody", check=False).code == 3


def test_a_service_that_is_down_is_started_by_what_its_finding_says(node: Host) -> None:
    """Monitoring is told, and whom it is told of."""
    node.run(CTL, "stop", "postgresql")
    found = findings(node, "doctor")
    assert {"CB301", "CB311"} <= found.keys()
    ran = node.run(CTL, "health", check=False)
    assert (ran.code, ran.out.startswith("CHEF-BACKEND CRITICAL - CB301 service: postgresql down")) == (2, True)
    assert node.run(CTL, "doctor", check=False).code == 19
    node.sh(found["CB301"]["fix"])
    wait_until_it_leads(node)
    well = OF_THE_HOST | SETTLING
    eventually(lambda: findings(node, "health").keys() <= well, within_s=30, what="it is well")


def test_edits_and_open_secrets_are_undone_by_what_their_findings_say(node: Host) -> None:
    """The finding names the file, and shows nothing of what is in it."""
    node.sh(f"echo 'host all all 192.0.2.0/24 trust' >>{HBA}; chmod 644 {SECRETS}")
    found = findings(node, "doctor")
    assert HBA in found["CB381"]["evidence"]
    assert "192.0.2.0" not in json.dumps(found)
    assert (found["CB382"]["severity"], found["CB382"]["limit"]) == ("critical", "root:chef_pgsql 0640")
    node.sh(found["CB382"]["fix"])
    assert not {"CB381", "CB382"} & findings(node, "doctor").keys()


def test_a_setting_given_by_hand_is_found(node: Host) -> None:
    """One that takes precedence, and one that waits for a restart."""
    psql = f"/opt/chef-backend/embedded/bin/psql -h {SOCKET} -U chef_pgsql -qc"
    ask = "select pg_reload_conf()"
    for name, value in (("work_mem", "9MB"), ("max_connections", "400")):
        node.sh(f"{psql} \"alter system set {name} = '{value}'\" -c '{ask}' postgres")
    found = eventually(lambda: _both(findings(node, "doctor")), within_s=30, what="both are seen")
    assert found["CB381"]["value"] == "PostgreSQL's work_mem"
    assert found["CB371"]["evidence"] == "max_connections"
    node.sh(f"{psql} 'alter system reset all' -c '{ask}' postgres")


def _both(found: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]] | None:
    return found if {"CB381", "CB371"} <= found.keys() else None


def test_a_full_disk_is_critical(node: Host) -> None:
    """With where it is full."""
    node.sh(f"mount -t tmpfs -o size=8m tmpfs {LOGS}")
    found = findings(node, "health")
    node.run("umount", LOGS)
    assert found["CB351"]["severity"] == "critical"
    assert found["CB351"]["value"].endswith(f" MB at {LOGS}")


def test_what_hangs_holds_nobody_up(node: Host) -> None:
    """etcd and PostgreSQL stopped by a signal: there is a verdict all the same."""
    stopped = [str(pids(node)[name]) for name in ("etcd", "postgresql")]
    node.run("kill", "-STOP", *stopped)
    ran = node.run(CTL, "health", check=False, timeout_s=30)
    node.run("kill", "-CONT", *stopped)
    assert ran.code == 2, ran.out
    wait_until_it_leads(node)


def test_a_host_that_is_not_fit_is_told_before_anything_is_made(installed: Callable[..., Host]) -> None:
    """By preflight and by create-cluster alike; without a time service somebody must type that it is meant."""
    host = installed()
    host.write(CONFIG, small_config(host.address))
    host.run("touch", "/var/opt/chef-backend/.license.accepted")
    before = host.sh(MADE)
    asked = host.run(CTL, "create-cluster", check=False)
    assert asked.code == 1
    assert "CBWARN001: The NTP daemon is not running on this system." in asked.out
    host.sh("mkdir /var/opt/chef-backend/etcd && mount -t tmpfs -o size=64m tmpfs /var/opt/chef-backend/etcd")
    told = host.run(CTL, "preflight", check=False)
    refused = host.run(*CREATE, check=False)
    host.sh("umount /var/opt/chef-backend/etcd && rmdir /var/opt/chef-backend/etcd")
    assert (told.code, refused.code) == (19, 19)
    assert "CB111 disk space: 0.1 GB free at /var/opt/chef-backend/etcd" in refused.out
    assert "add --ignore CB111" in refused.out
    assert host.sh(MADE) == before
