"""Backups on hosts: made, brought back where they were made after a restore that died, and on another host."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hosts import Host
from limits import small_config
from node import running

pytestmark = [pytest.mark.docker, pytest.mark.node, pytest.mark.package]

CREATE = "chef-backend-ctl create-cluster --accept-license --yes --elasticsearch-wait-time 300 --etcd-wait-time 120"
PROGRAMS = "/opt/chef-backend/embedded/bin"
DATA = "/var/opt/chef-backend/postgresql/15/data"
PSQL = f"{PROGRAMS}/psql -h /var/opt/chef-backend/postgresql/15/socket -U chef_pgsql -Atc"
SECRETS = "/etc/chef-backend/chef-backend-secrets.json"
# Ends the restore when it has put the old data aside, as the kernel's memory killer would.
KILLED = f"""
chef-backend-ctl restore --yes %s >/dev/null 2>&1 & restore=$!
until [ -e {DATA}.before-restore ]; do :; done
kill -9 $restore; wait $restore || echo ended with $?
"""


def sql(host: Host, query: str) -> str:
    return host.run("sh", "-c", f'{PSQL} "{query}" postgres').out.strip()


def secrets(host: Host) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(host.read(SECRETS))
    return found


@pytest.fixture
def leader(deb_host: Callable[..., Host]) -> Host:
    """A cluster of one node with a hundred rows that are in the backup, and one more that is not."""
    host = deb_host()
    host.write("/etc/chef-backend/chef-backend.rb", small_config(host.address))
    host.sh(CREATE, timeout_s=300)
    sql(host, "create table rows as select generate_series(1, 100) as number")
    return host


def test_a_backup_brings_the_data_back_here_and_elsewhere(
    leader: Host, deb_host: Callable[..., Host], tmp_path: Path
) -> None:
    """With the passwords that the frontends know, and without what was written after it."""
    archive = backed_up(leader)
    sql(leader, "insert into rows values (101)")
    refused_when_damaged(leader, archive)
    before = secrets(leader)
    dies_and_loses_nothing(leader, archive)
    restored_here(leader, archive, before)
    restored_elsewhere(deb_host(hostname="backend-9"), leader.fetch(archive, tmp_path), before)


def backed_up(host: Host) -> str:
    """Services go on meanwhile; the archive is root's alone, and holds what tar itself can show."""
    pid = host.sh("cat /opt/chef-backend/service/postgresql/supervise/pid")
    said = host.sh("chef-backend-ctl backup", timeout_s=300)
    (archive,) = [word for word in said.split() if word.endswith(".tgz")]
    assert host.sh("cat /opt/chef-backend/service/postgresql/supervise/pid") == pid
    assert host.access(archive) == "root:root 600"
    assert host.access("/var/opt/chef-backup") == "root:root 700"
    assert host.sh("ls -A /var/opt/chef-backup").split() == [archive.rpartition("/")[2]]
    listed = host.sh(f"tar --list --gzip --file {archive}").split()
    assert {"chef-backend.rb", "chef-backend-secrets.json", "postgresql/PG_VERSION"} <= set(listed)
    return archive


def refused_when_damaged(host: Host, archive: str) -> None:
    """Nothing is touched: neither by half an archive, nor by one in which a byte has changed."""
    host.sh(f"head -c 2000000 {archive} >/root/half.tgz; cp {archive} /root/changed.tgz")
    host.sh("printf X | dd of=/root/changed.tgz bs=1 seek=2000000 conv=notrunc 2>/dev/null")
    for damaged in ("/root/half.tgz", "/root/changed.tgz"):
        refused = host.run("chef-backend-ctl", "restore", "--yes", damaged, check=False, timeout_s=300)
        assert refused.code == 16, refused.out
        assert "✓ Cleaning Up Temporary Files" in refused.out
    assert sql(host, "select count(*) from rows") == "101"
    assert not host.exists("/var/opt/chef-backend/chef-backend-restore")


def dies_and_loses_nothing(host: Host, archive: str) -> None:
    """Nothing starts by itself, nothing but a restore may go on, and the old data is beside."""
    assert "ended with 137" in host.sh(KILLED % archive, timeout_s=300)
    host.cut_power()
    host.power_on()
    assert [name for name in running(host) if "postgres" in name or "etcd" in name] == []
    for command in ("reconfigure", "create-cluster --accept-license --yes"):
        refused = host.run("sh", "-c", f"chef-backend-ctl {command}", check=False, timeout_s=300)
        assert refused.code == 11, refused.out
        assert "run chef-backend-ctl restore again" in refused.out
    assert host.read(f"{DATA}.before-restore/PG_VERSION") == "15\n"


def restored_here(host: Host, archive: str, before: dict[str, dict[str, str]]) -> None:
    """A new cluster with the old data and passwords, of which nothing is left over; reconfigure has nothing to do."""
    said = host.sh(f"chef-backend-ctl restore --yes {archive}", timeout_s=300)
    steps = [line for line in said.splitlines() if line.startswith(("✓", "✗"))]
    assert steps == [
        "✓ Unpacking backup to temporary directory",
        "✓ Removing existing data directories",
        "✓ Restoring basic configuration",
        "✓ Reconfiguring Chef Backend",
        "✓ Restoring PostgreSQL data",
        "✓ Starting up Chef Backend",
        "✓ Cleaning Up Temporary Files",
    ]
    assert sql(host, "select count(*) from rows") == "100"
    after = secrets(host)
    assert after["postgresql"] == before["postgresql"]
    assert after["etcd"] != before["etcd"]
    assert host.access(SECRETS) == "root:chef_pgsql 640"
    assert host.sh("find / -xdev -name '*.before-restore' -o -xdev -name chef-backend-restore") == ""
    assert host.sh("chef-backend-ctl reconfigure --dry-run") == "Nothing would be changed.\n"


def restored_elsewhere(host: Host, archive: Path, before: dict[str, dict[str, str]]) -> None:
    """On a fresh host, which says what it needs: an address of its own."""
    (path,) = host.put(archive, into="/root")
    refused = host.run("chef-backend-ctl", "restore", "--yes", path, check=False)
    assert refused.code == 11
    assert f"add --publish-address {host.address}" in refused.out
    host.sh(f"chef-backend-ctl restore --yes {path} --publish_address {host.address}", timeout_s=300)
    assert sql(host, "select count(*) from rows") == "100"
    assert secrets(host)["postgresql"] == before["postgresql"]
    told = host.sh("chef-backend-ctl gen-server-config fe1.example.com")
    assert f'chef_backend_members ["{host.address}"]' in told
    password = before["postgresql"]["db_superuser_password"]
    assert f"postgresql['db_superuser_password'] = '{password}'" in told
    login = f"PGPASSWORD={password} {PROGRAMS}/psql -h {host.address} -U chef_pgsql -d postgres"
    assert host.sh(f"{login} -Atc 'select count(*) from rows'").strip() == "100"
