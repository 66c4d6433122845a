"""The end of a node and its beginning anew, with the real package: stopped for good, brought back, cleansed."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from hosts import Host
from limits import small_config
from node import (
    CREATE,
    PSQL,
    SECRETS,
    SERVICES,
    SOCKET,
    UNIT,
    assert_nothing_runs,
    running,
    sql,
    wait_until_it_leads,
)

pytestmark = [pytest.mark.docker, pytest.mark.node, pytest.mark.package]

BACKUP = "/var/opt/chef-backup/chef-backup-2026-11-25-17-03-00.tgz"


def test_a_node_comes_back_after_uninstall_and_anew_after_cleanse(deb_host: Callable[..., Host]) -> None:
    """What was written is there after the one, and gone after the other; backups and foreign disks stay."""
    host = deb_host()
    host.write("/etc/chef-backend/chef-backend.rb", small_config(host.address))
    host.write(BACKUP, "precious")
    host.sh("mkdir /var/opt/chef-backend/etcd && mount -t tmpfs tmpfs /var/opt/chef-backend/etcd")
    host.run(*CREATE, timeout_s=300)
    sql(host, "create table kept as select 42 as answer")
    uninstalled(host)
    brought_back(host)
    saved = cleansed(host)
    made_anew(host, saved)


def uninstalled(host: Host) -> None:
    """Nothing runs, now and after a reboot; nothing is deleted."""
    said = host.sh("chef-backend-ctl uninstall", timeout_s=300)
    assert "To bring them back: chef-backend-ctl reconfigure" in said
    assert_nothing_runs(host)
    assert host.run("systemctl", "is-enabled", UNIT, check=False).out.strip() == "disabled"
    # A container's reboot would take the mounted file system away: a start of what is enabled stands in for it.
    host.sh("systemctl start multi-user.target")
    assert_nothing_runs(host)


def brought_back(host: Host) -> None:
    """One reconfigure, and the node leads with what was written to it, now and after every boot."""
    host.sh("chef-backend-ctl reconfigure", timeout_s=300)
    wait_until_it_leads(host)
    assert sql(host, "select answer from kept") == "42"
    assert host.sh(f"systemctl is-enabled {UNIT}").strip() == "enabled"
    assert host.sh("ls /opt/chef-backend/service").split() == SERVICES


def cleansed(host: Host) -> str:
    """The only copy of a cluster is deleted only when told so; return where its configuration is."""
    host.sh("mkdir /var/opt/chef-backend/disk && mount -t tmpfs tmpfs /var/opt/chef-backend/disk")
    host.sh("touch /var/opt/chef-backend/disk/foreign; ln -s /var/opt/chef-backup /var/opt/chef-backend/backups")
    refused = host.run("chef-backend-ctl", "cleanse", "yes", check=False)
    assert refused.code == 15
    assert "--last-copy" in refused.out
    wait_until_it_leads(host)
    interrupted = host.run("timeout", "-s", "INT", "3", "chef-backend-ctl", "cleanse", "--last-copy", check=False)
    assert "60 seconds left" in interrupted.out
    wait_until_it_leads(host)
    said = host.sh("chef-backend-ctl cleanse yes --last-copy", timeout_s=300)
    assert "STOP AND READ" in said
    assert_nothing_runs(host)
    assert not host.exists("/etc/chef-backend")
    assert host.sh("find /var/opt/chef-backend | sort").split() == [
        "/var/opt/chef-backend",
        "/var/opt/chef-backend/disk",
        "/var/opt/chef-backend/disk/foreign",
        "/var/opt/chef-backend/etcd",
    ]
    assert host.sh("ls /opt/chef-backend/service /opt/chef-backend/sv /opt/chef-backend/init | grep -v :").split() == []
    assert host.sh("ls /var/log/chef-backend").split() == ["chef-backend-ctl"]
    assert host.read(BACKUP) == "precious"
    (line,) = [line for line in said.splitlines() if line.startswith("Your config files have been backed up to ")]
    return line.split()[-1].rstrip(".")


def made_anew(host: Host, saved: str) -> None:
    """The saved configuration put back as documented gives a node with the same secrets, and without the data."""
    assert saved.startswith("/root/chef-backend-cleanse-")
    assert host.access(saved) == "root:root 700"
    assert host.access(f"{saved}/chef-backend-secrets.json") == "root:chef_pgsql 640"
    host.sh("umount /var/opt/chef-backend/disk /var/opt/chef-backend/etcd && rm -r /var/opt/chef-backend")
    host.sh(f"mkdir /etc/chef-backend && cp -a {saved}/. /etc/chef-backend/")
    secrets = json.loads(host.read(SECRETS))
    host.run(*CREATE, timeout_s=300)
    wait_until_it_leads(host)
    assert json.loads(host.read(SECRETS)) == secrets
    gone = host.run(PSQL, "-h", SOCKET, "-U", "chef_pgsql", "-c", "select * from kept", "postgres", check=False)
    assert gone.code == 1
    assert host.sh(f"systemctl is-enabled {UNIT}").strip() == "enabled"
    assert host.sh("chef-backend-ctl reconfigure --dry-run").strip() == "Nothing would be changed."
    assert running(host)
