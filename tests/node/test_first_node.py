"""The first node of a cluster, from the installed package to a leader that takes writes: as the operator's manual says.

Two lines of chef-backend.rb, one command; then who owns what, who runs as whom, and who listens where.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from hosts import Host
from node import CTL, SECRETS, SERVICES, UNIT, dry_run, pids, sql, wait_until_it_leads
from omnibuild.packaging.contents import Format
from repack import Repacker

pytestmark = [pytest.mark.docker, pytest.mark.node, pytest.mark.package]

DATA = "/var/opt/chef-backend"
LOGS = "/var/log/chef-backend"
KEY = f"{DATA}/ssl/postgresql.key"
# Of the manual's table "Services and Secrets", and of the secrets that it does not name.
PROTECTED = {
    SECRETS: "root:chef_pgsql 640",
    "/etc/chef-backend/chef-backend-running.json": "chef_pgsql:chef_pgsql 640",
    f"{DATA}/leaderl/data/sys.config": "chef_pgsql:chef_pgsql 600",
    f"{DATA}/postgresql/15/passfile": "chef_pgsql:chef_pgsql 600",
    KEY: "chef_pgsql:chef_pgsql 600",
}
OPEN = {
    "/etc/chef-backend": "root:root 755",
    "/etc/chef-backend/chef-backend.rb": "root:root 644",
    DATA: "root:root 755",
    f"{DATA}/elasticsearch/data": "chef-backend:chef-backend 750",
    f"{DATA}/etcd/data": "chef-backend:chef-backend 700",
    f"{DATA}/leaderl/data": "chef_pgsql:chef_pgsql 750",
    f"{DATA}/postgresql/15/data": "chef_pgsql:chef_pgsql 700",
    f"{DATA}/postgresql/15/data/postgresql.conf": "chef_pgsql:chef_pgsql 600",
    f"{DATA}/reconfigure/receipt.json": "root:root 600",
    f"{LOGS}/chef-backend-ctl": "root:root 700",
    f"{LOGS}/elasticsearch": "chef-backend:chef-backend 750",
    f"{LOGS}/etcd": "chef-backend:chef-backend 750",
    f"{LOGS}/leaderl": "chef_pgsql:chef_pgsql 750",
    f"{LOGS}/postgresql/15": "chef_pgsql:chef_pgsql 750",
}
OWNERS = {
    "elasticsearch": "chef-backend",
    "etcd": "chef-backend",
    "leaderl": "chef_pgsql",
    "postgresql": "chef_pgsql",
}
PORTS = [2379, 2380, 5432, 7331, 9200, 9300]
# How a third party reads the rows of running services.
ROW = re.compile(r"^(\w+)\s+(\w+)\s+\(pid (\w+)\)\s+(\d+d \d+h \d+m \d+s)\s+(.*)$")


@pytest.fixture(scope="module", params=["bookworm", "bullseye"])
def node(request: pytest.FixtureRequest, created: Callable[..., Host]) -> Host:
    """A cluster of one."""
    return created(request.param)


def test_it_leads_and_takes_writes(node: Host) -> None:
    """At the end of create-cluster already, and PostgreSQL is a primary."""
    wait_until_it_leads(node, within_s=1)
    sql(node, "create table first (answer int); insert into first values (42)")
    assert sql(node, "select answer, pg_is_in_recovery() from first") == "42|f"


def test_its_files_have_the_promised_owners_and_modes(node: Host) -> None:
    """Above all those with secrets."""
    wanted = PROTECTED | OPEN
    found = node.run("stat", "-c", "%n %U:%G %a", *wanted).out.splitlines()
    assert dict(line.split(" ", 1) for line in found) == wanted


def test_each_service_runs_as_the_user_of_the_manual(node: Host) -> None:
    """So does the program that writes its log."""
    assert node.sh("ls /opt/chef-backend/service").split() == SERVICES
    for service, owner in OWNERS.items():
        for part in ("", "/log"):
            pid = node.read(f"/opt/chef-backend/sv/{service}{part}/supervise/pid").strip()
            assert node.run("stat", "-c", "%U", f"/proc/{pid}").out.strip() == owner, (service, part)


def test_its_ports_are_those_of_the_manual_and_no_others(node: Host) -> None:
    """Of these programs: the network's own resolver listens, too."""
    found = node.sh("ss -Hlnt | grep -v 127.0.0.11:").splitlines()
    assert sorted({int(line.split()[3].rpartition(":")[2]) for line in found}) == PORTS


def test_a_generated_secret_has_a_hundred_digits(node: Host) -> None:
    """No other key is in the file."""
    document = json.loads(node.read(SECRETS))
    assert {key: sorted(section) for key, section in document.items()} == {
        "postgresql": ["db_superuser_password", "replication_password"],
        "etcd": ["initial_cluster_token"],
        "elasticsearch": ["cluster_name"],
    }
    values = [*document["postgresql"].values(), *document["etcd"].values()]
    assert len(set(values)) == 3
    assert all(re.fullmatch("[0-9a-f]{100}", value) for value in values)


def test_its_status_is_read_by_other_peoples_tools(node: Host) -> None:
    """Every service is a row of theirs, and both commands end with 0."""
    rows = [found for line in node.run(CTL, "status").out.splitlines() if (found := ROW.match(line))]
    assert sorted(row[1] for row in rows) == SERVICES
    assert {row[2] for row in rows} == {"running"}
    leading = [line.split() for line in node.run(CTL, "cluster-status").out.splitlines() if "leader  " in line]
    assert [(row[0], row[1], row[3], row[4]) for row in leading] == [("backend-1", node.address, "leader", "leader")]
    assert re.fullmatch("[0-9a-f]{32}", leading[0][2])


def test_a_second_reconfigure_has_nothing_to_do(node: Host) -> None:
    """The first one neither: create-cluster has done everything."""
    for _ in range(2):
        plan = dry_run(node)
        assert plan["empty"]
        assert plan["pending"] == {}
        assert node.run(CTL, "reconfigure").out.splitlines()[-1] == "Chef Backend Reconfigured!"
    assert dry_run(node)["empty"]


def test_a_mode_that_somebody_opened_is_closed_by_the_next_reconfigure(node: Host) -> None:
    """And is told by a dry run before: the secrets may have been read."""
    node.run("chmod", "o+r", *PROTECTED)
    plan = dry_run(node)
    told = json.dumps(plan["changes"])
    assert [path for path in PROTECTED if path not in told] == [KEY]
    assert plan["certificate"] == "others may have read its key"
    assert f"{SECRETS} has mode 0644: others than root and its group may have read" in node.run(CTL, "reconfigure").out
    assert {path: node.access(path) for path in PROTECTED} == PROTECTED


def test_the_supervisor_starts_with_the_machine(node: Host) -> None:
    """It is systemd's, and enabled."""
    assert node.sh(f"systemctl is-enabled {UNIT}; systemctl is-active {UNIT}").split() == ["enabled", "active"]


def test_it_comes_back_after_an_upgrade_and_a_reboot(node: Host, repacker: Repacker) -> None:
    """On each Debian: the upgrade leaves what runs as it is, and the next boot runs the new code."""
    sql(node, "create table kept as select 42 as answer")
    before = pids(node)
    (newer,) = node.put(repacker.package(Format.DEB, "3.3.0"), into="/newer")
    node.sh(f"apt-get install -y --no-install-recommends {newer}", timeout_s=300)
    assert pids(node) == before
    node.reboot()
    wait_until_it_leads(node)
    assert sql(node, "select answer from kept") == "42"
    assert dry_run(node)["empty"]
    assert "Nothing was restarted" in node.run(CTL, "upgrade", timeout_s=300).out
