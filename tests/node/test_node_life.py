"""What a node lives through: processes killed, settings changed, its machine booted, its package replaced and removed.

Data, secrets and the node's name stay; nothing restarts PostgreSQL but who is told to.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from conftest import RPM
from hosts import Host, eventually
from limits import small_config
from node import (
    CONFIG,
    CTL,
    SECRETS,
    SERVICES,
    UNIT,
    assert_nothing_runs,
    create,
    dry_run,
    pids,
    sql,
    wait_until_it_leads,
)
from omnibuild.packaging.contents import Format
from product import Product
from repack import Repacker

pytestmark = [pytest.mark.docker, pytest.mark.node, pytest.mark.package]

RUN_SCRIPT = "/opt/chef-backend/sv/etcd/run"
INSTALL = "apt-get install -y --no-install-recommends"


@pytest.fixture(scope="module")
def node(created: Callable[..., Host]) -> Host:
    """A cluster of one with a row in a table."""
    host = created()
    sql(host, "create table kept as select 42 as answer")
    return host


def test_postgresql_is_reloaded_and_restarted_only_when_told(node: Host) -> None:
    """work_mem runs at once; max_connections waits, and is told by each run, until --apply-restarts."""
    postmaster = pids(node)["postgresql"]
    node.write(CONFIG, small_config(node.address) + "postgresql.work_mem '9MB'\npostgresql.max_connections 351\n")
    plan = dry_run(node)
    assert plan["effects"] == {"postgresql": "restart"}
    said = node.run(CTL, "reconfigure").out
    assert "max_connections = 350 (wanted: 351)" in said
    assert "chef-backend-ctl reconfigure --apply-restarts" in said
    assert sql(node, "show work_mem") == "9MB"
    assert sql(node, "show max_connections") == "350"
    assert "max_connections = 350 (wanted: 351)" in node.run(CTL, "reconfigure").out
    assert pids(node)["postgresql"] == postmaster
    assert list(dry_run(node)["pending"]) == ["postgresql"]
    node.run(CTL, "reconfigure", "--apply-restarts", timeout_s=300)
    assert pids(node)["postgresql"] != postmaster
    assert sql(node, "show max_connections") == "351"
    wait_until_it_leads(node)
    plan = dry_run(node)
    assert plan["empty"]
    assert plan["pending"] == {}


@pytest.mark.parametrize("service", SERVICES)
def test_a_killed_service_comes_back(service: str, node: Host) -> None:
    """The others go on, and the node leads again."""
    before = pids(node)
    node.run("kill", "-KILL", str(before[service]))
    eventually(lambda: pids(node).get(service, before[service]) != before[service], within_s=30, what="it runs again")
    wait_until_it_leads(node)
    after = pids(node)
    assert {name for name in SERVICES if after[name] != before[name]} == {service}
    assert sql(node, "select answer, pg_is_in_recovery() from kept") == "42|f"


@pytest.mark.parametrize("named", ["nobody", "another process of its account"])
def test_a_lock_file_of_before_does_not_keep_postgresql_down(named: str, node: Host) -> None:
    """A start that was killed leaves an empty one, a reboot gives its number away; PostgreSQL refuses both for good."""
    lock = node.sh("ls /var/opt/chef-backend/postgresql/*/data/postmaster.pid").strip()
    node.run(CTL, "stop", "postgresql")
    node.run("install", "-o", "chef_pgsql", "-g", "chef_pgsql", "-m", "600", "/dev/null", lock)
    if named != "nobody":
        node.sh(f"echo {pids(node)['leaderl']} > {lock}")
    node.run(CTL, "start", "postgresql")
    wait_until_it_leads(node)
    assert f"removing {lock}, which names" in node.sh("cat /var/log/chef-backend/postgresql/*/current")


def test_a_rebooted_node_comes_back_by_itself(node: Host) -> None:
    """With its data and its name, and nothing to reconfigure."""
    guid = node.read("/var/opt/chef-backend/reconfigure/identity.json")
    node.reboot()
    wait_until_it_leads(node)
    assert sql(node, "select answer from kept") == "42"
    assert node.read("/var/opt/chef-backend/reconfigure/identity.json") == guid
    assert dry_run(node)["empty"]


def test_an_upgrade_writes_the_files_and_leaves_the_services(node: Host, repacker: Repacker) -> None:
    """What was changed by hand is as the package has it; every process is the same, and status knows what is due."""
    before = pids(node)
    node.sh(f"echo '# changed' >>{RUN_SCRIPT}; chmod o+r /var/opt/chef-backend/leaderl/data/sys.config")
    (newer,) = node.put(repacker.package(Format.DEB, "3.3.0"), into="/newer")
    said = node.sh(f"{INSTALL} {newer}", timeout_s=300)
    assert "warning: the files of this node" not in said
    assert "# changed" not in node.read(RUN_SCRIPT)
    assert node.access("/var/opt/chef-backend/leaderl/data/sys.config") == "chef_pgsql:chef_pgsql 600"
    assert pids(node) == before
    plan = dry_run(node)
    assert plan["empty"]
    assert list(plan["pending"]) == ["etcd"]
    node.run(CTL, "reconfigure", timeout_s=300)
    after = pids(node)
    assert {name for name in SERVICES if after[name] != before[name]} == {"etcd"}
    wait_until_it_leads(node)


def test_a_broken_configuration_does_not_break_the_package(node: Host) -> None:
    """Its scriptlet tells what is wrong, and ends well; the correction and a reconfigure finish it."""
    good = node.read(CONFIG)
    node.write(CONFIG, good + "postgresql.work_mem 'much'\n")
    said = node.sh("/var/lib/dpkg/info/chef-backend.postinst configure 3.3.0-1")
    assert "warning: the files of this node are still those of the version before" in said
    assert "postgresql.work_mem" in said
    node.write(CONFIG, good)
    node.run(CTL, "reconfigure", timeout_s=300)


def test_removed_and_installed_again_it_has_its_data(node: Host, repacker: Repacker) -> None:
    """The removal stops all; the next installation starts nothing, and one command, or a boot, brings all back."""
    secrets = node.read(SECRETS)
    node.sh("apt-get remove -y chef-backend", timeout_s=300)
    assert_nothing_runs(node)
    assert not node.exists("/opt/chef-backend")
    (again,) = node.put(repacker.package(Format.DEB, "3.3.0"), into="/newer")
    said = node.sh(f"{INSTALL} {again}", timeout_s=300)
    assert_nothing_runs(node)
    assert "Nothing was started; to start it:" in said
    assert "  chef-backend-ctl reconfigure" in said
    assert node.sh(f"systemctl is-enabled {UNIT}").strip() == "enabled"
    assert dry_run(node)["empty"]
    node.run(CTL, "reconfigure", timeout_s=300)
    wait_until_it_leads(node)
    assert sql(node, "select answer from kept") == "42"
    assert node.read(SECRETS) == secrets


def test_the_same_in_the_order_of_rpm(rpm_host: Callable[..., Host], product: Product, repacker: Repacker) -> None:
    """Installed, created, upgraded under running services, removed with the data kept."""
    host = rpm_host()
    host.sh(f"{RPM} --install /packages/{product.rpm.name}", timeout_s=300)
    create(host)
    wait_until_it_leads(host)
    sql(host, "create table kept as select 42 as answer")
    before = pids(host)
    host.sh(f"echo '# changed' >>{RUN_SCRIPT}")
    (newer,) = host.put(repacker.package(Format.RPM, "3.3.0"), into="/newer")
    said = host.sh(f"{RPM} --upgrade {newer} 2>&1", timeout_s=300)
    assert "warning: the files of this node" not in said
    assert "chef-backend-ctl upgrade" in said
    assert pids(host) == before
    assert "# changed" not in host.read(RUN_SCRIPT)
    assert host.sh("ls /opt/chef-backend/service").split() == SERVICES
    assert "Restarted: etcd, postgresql, elasticsearch, leaderl." in host.run(CTL, "upgrade", timeout_s=600).out
    assert not set(before.values()) & set(pids(host).values())
    wait_until_it_leads(host, within_s=1)
    assert sql(host, "select answer from kept") == "42"
    secrets = json.loads(host.read(SECRETS))
    host.sh(f"{RPM} --erase chef-backend", timeout_s=300)
    assert_nothing_runs(host)
    host.sh(f"{RPM} --install {newer}; systemctl start {UNIT}", timeout_s=300)
    wait_until_it_leads(host)
    assert sql(host, "select answer from kept") == "42"
    assert json.loads(host.read(SECRETS)) == secrets
