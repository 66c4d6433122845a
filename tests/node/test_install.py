"""The real deb's life on a host: whatever is done with the package, no scriptlet starts, stops or restarts a service.

Only the final removal stops them.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hosts import Host
from node import PROBE, UNIT, assert_nothing_runs, probe, record
from omnibuild.packaging.contents import Format
from product import Product
from repack import Repacker, fails

pytestmark = [pytest.mark.docker, pytest.mark.node, pytest.mark.package]

INSTALL = "apt-get install -y --no-install-recommends --allow-downgrades"
DATA = "/var/opt/chef-backend/etcd/data/member/precious"
BACKUP = "/var/opt/chef-backup/chef-backup-2026-11-24.tgz"
CONFIG = "/etc/chef-backend/chef-backend.rb"
LOG = "/var/log/chef-backend/etcd/current"


@pytest.mark.parametrize("suite", ["bookworm", "bullseye"])
def test_install_makes_all_that_create_cluster_needs_and_starts_nothing(
    suite: str, bare_host: Callable[..., Host], product: Product
) -> None:
    """Accounts, folders, the command, an enabled unit, and words on what to do next."""
    host = bare_host(suite)
    said = host.sh(f"{INSTALL} /packages/{product.deb.name}", timeout_s=300)
    for name, home in (("chef_pgsql", "/var/opt/chef-backend/postgresql"), ("chef-backend", "/var/opt/chef-backend")):
        account = host.sh(f"getent passwd {name}").strip().split(":")
        assert 0 < int(account[2]) < 1000
        assert account[5:] == [home, "/usr/sbin/nologin"]
        assert host.sh(f"id --group --name {name}").strip() == name
        assert host.sh(f"passwd --status {name}").split()[1] == "L"
    for folder in ("/etc/chef-backend", "/var/opt/chef-backend", "/var/log/chef-backend", "/opt/chef-backend"):
        assert host.access(folder) == "root:root 755"
    assert host.access("/var/opt/chef-backend/install") == "root:root 700"
    assert host.sh("readlink -f /usr/bin/chef-backend-ctl").strip() == "/opt/chef-backend/embedded/bin/chef-backend-ctl"
    assert host.sh("chef-backend-ctl version")
    assert host.sh(f"systemctl is-enabled {UNIT}").strip() == "enabled"
    assert "chef-backend-ctl create-cluster" in said
    assert record(host)["version"] == host.sh("dpkg-query --show --showformat '${Version}' chef-backend")
    assert_nothing_runs(host)


def test_a_rebooted_host_runs_the_supervisor(deb_host: Callable[..., Host]) -> None:
    """The unit that the installation enabled starts it, with no service to run yet."""
    host = deb_host()
    host.reboot()
    assert host.sh(f"systemctl is-active {UNIT}").strip() == "active"
    assert "runsvdir -P /opt/chef-backend/service" in host.sh("ps -eo args")


def test_existing_accounts_are_taken_as_they_are(bare_host: Callable[..., Host], product: Product) -> None:
    """One was made by an administrator with other ids, the other comes from a directory service."""
    host = bare_host()
    host.sh(
        "groupadd --gid 4242 dba && useradd --uid 4243 --gid dba --home-dir /srv/pg --shell /bin/sh chef_pgsql; "
        "sed -i 's/^passwd:.*/& extrausers/; s/^group:.*/& extrausers/' /etc/nsswitch.conf;"
        "mkdir -p /var/lib/extrausers;"
        "echo chef-backend:x:70001:70001:from the directory:/home/cb:/bin/false >/var/lib/extrausers/passwd; "
        "echo chef-backend:x:70001: >/var/lib/extrausers/group"
    )
    host.sh(f"{INSTALL} /packages/{product.deb.name}", timeout_s=300)
    assert host.sh("getent passwd chef_pgsql").strip() == "chef_pgsql:x:4243:4242::/srv/pg:/bin/sh"
    assert host.sh("getent passwd chef-backend").startswith("chef-backend:x:70001:70001:")
    assert host.run("grep", "chef-backend", "/etc/passwd", "/etc/group", check=False).code == 1
    assert host.sh("getent group chef_pgsql")


def test_an_account_that_is_root_is_refused_before_anything_is_unpacked(
    bare_host: Callable[..., Host], product: Product
) -> None:
    """The services would run with every right."""
    host = bare_host()
    host.sh("useradd --non-unique --uid 0 chef-backend")
    refused = host.run("dpkg", "--install", f"/packages/{product.deb.name}", check=False, timeout_s=300)
    assert refused.code != 0
    assert "the existing user chef-backend has user id 0" in refused.out
    assert not host.exists("/opt/chef-backend")
    host.sh("sed -i /^chef-backend:/d /etc/passwd /etc/shadow")
    host.sh(f"dpkg --install /packages/{product.deb.name}", timeout_s=300)


def test_an_account_that_cannot_be_made_leaves_a_package_that_can_be_finished(
    bare_host: Callable[..., Host], product: Product
) -> None:
    """The failed scriptlet says what failed and what finishes it."""
    host = bare_host()
    host.sh("echo 1 >/etc/group.lock")
    failed = host.run("dpkg", "--install", f"/packages/{product.deb.name}", check=False, timeout_s=300)
    assert failed.code != 0
    assert "the account chef_pgsql could not be made" in failed.out
    assert "hint: then finish with: dpkg --configure chef-backend" in failed.out
    host.sh("rm /etc/group.lock; dpkg --configure chef-backend")
    assert host.sh("dpkg-query --show --showformat '${Status}' chef-backend") == "install ok installed"
    assert_nothing_runs(host)


def test_an_upgrade_leaves_services_running_as_they_are(deb_host: Callable[..., Host], repacker: Repacker) -> None:
    """The supervisor and its service are the same processes; what an administrator disabled stays so."""
    host = deb_host()
    before = probe(host)
    host.sh(f"systemctl disable --quiet {UNIT}")
    (newer,) = host.put(repacker.package(Format.DEB, "3.3.0"), into="/newer")
    said = host.sh(f"{INSTALL} {newer}", timeout_s=300)
    assert probe(host) == before
    assert host.run("systemctl", "is-enabled", UNIT, check=False).out.strip() == "disabled"
    assert f"chef-backend 3.3.0-1 is installed in place of {repacker.version}." in said
    assert "chef-backend-ctl upgrade" in said
    assert record(host)["version"] == "3.3.0-1"
    again = host.sh(f"dpkg --install {newer}", timeout_s=300)
    assert "chef-backend 3.3.0-1 is installed." in again
    assert probe(host) == before


def test_a_downgrade_is_refused_until_root_allows_it_once(deb_host: Callable[..., Host], repacker: Repacker) -> None:
    """The version before stays installed and configured; a removal in between is no way around."""
    host = deb_host()
    before = probe(host)
    (older,) = host.put(repacker.package(Format.DEB, "3.1.0", whole=False), into="/older")
    for removed in (False, True):
        if removed:
            host.sh("apt-get remove -y chef-backend")
        refused = host.run("sh", "-c", f"{INSTALL} {older}", check=False, timeout_s=300)
        assert refused.code != 0
        assert f"this node had version {repacker.version}; 3.1.0-1 is older" in refused.out
        assert "echo 3.1.0-1 >/var/opt/chef-backend/install/allow-downgrade" in refused.out
        if not removed:
            status = host.sh("dpkg-query --show --showformat '${Status} ${Version}' chef-backend")
            assert status == f"install ok installed {repacker.version}"
            assert host.sh(f"systemctl is-enabled {UNIT}").strip() == "enabled"
            assert probe(host) == before
    whole = host.put(repacker.package(Format.DEB, "3.1.0"), into="/older")[0]
    host.sh("echo 3.1.0-1 >/var/opt/chef-backend/install/allow-downgrade")
    host.sh(f"{INSTALL} {whole}", timeout_s=300)
    assert record(host)["version"] == "3.1.0-1"
    assert not host.exists("/var/opt/chef-backend/install/allow-downgrade")


def test_removal_stops_the_services_and_keeps_what_they_wrote(deb_host: Callable[..., Host], product: Product) -> None:
    """Data, configuration, logs and accounts are there for the package installed again."""
    host = deb_host()
    probe(host)
    host.write("/etc/chef-backend/chef-backend.rb", "publish_address '10.0.0.1'\n")
    host.sh(f"install -D -o chef-backend -g chef-backend -m 600 /etc/hostname {DATA}")
    before = host.access(DATA)
    said = host.sh("apt-get remove -y chef-backend", timeout_s=300)
    assert "kept are /etc/chef-backend" in said
    assert_nothing_runs(host)
    assert not host.exists("/opt/chef-backend")
    assert not host.exists(f"/etc/systemd/system/multi-user.target.wants/{UNIT}")
    host.sh(f"{INSTALL} /packages/{product.deb.name}", timeout_s=300)
    assert host.access(DATA) == before
    assert host.read("/etc/chef-backend/chef-backend.rb") == "publish_address '10.0.0.1'\n"
    assert host.sh(f"systemctl is-enabled {UNIT}").strip() == "enabled"
    assert_nothing_runs(host)


def test_a_purge_deletes_data_only_where_this_node_was_named(deb_host: Callable[..., Host], product: Product) -> None:
    """No wish, or one that came here in a copy from another node, deletes nothing; backups are never deleted."""
    host = deb_host()
    wish = "/var/opt/chef-backend/install/purge-data"
    for path in (DATA, BACKUP, CONFIG, LOG):
        host.sh(f"install -D /etc/hostname {path}")
    host.sh("mkdir -p /var/opt/chef-backend/disk && mount -t tmpfs tmpfs /var/opt/chef-backend/disk")
    host.sh("touch /var/opt/chef-backend/disk/mounted")
    for named in ("", "another-node\n"):
        if named:
            host.write(wish, named)
        assert "kept are /etc/chef-backend" in host.sh("dpkg --purge chef-backend", timeout_s=300)
        for path in (DATA, CONFIG, LOG, wish.rpartition("/")[0]):
            assert host.exists(path), path
        host.sh(f"{INSTALL} /packages/{product.deb.name}", timeout_s=300)
    host.sh(f"uname -n >{wish}; dpkg --remove chef-backend")
    assert host.exists(DATA)
    said = host.sh("dpkg --purge chef-backend")
    assert "were deleted" in said
    assert not host.exists(DATA)
    assert not host.exists("/etc/chef-backend")
    assert not host.exists("/var/log/chef-backend")
    assert host.exists(BACKUP)
    assert host.exists("/var/opt/chef-backend/disk/mounted")
    assert host.sh("getent passwd chef_pgsql")


@pytest.mark.parametrize("script", ["preinst", "postinst"])
def test_an_upgrade_whose_scriptlet_fails_can_be_taken_up_again(
    script: str, deb_host: Callable[..., Host], repacker: Repacker
) -> None:
    """Before the files are unpacked the old version stays; after it, the next version finishes. Services run on."""
    host = deb_host()
    before = probe(host)
    broken = repacker.package(Format.DEB, "3.3.0", change={script: fails}, whole=script != "preinst")
    failed = host.run("dpkg", "--install", *host.put(broken, into="/broken"), check=False, timeout_s=300)
    assert failed.code != 0
    assert probe(host) == before
    status = host.sh("dpkg-query --show --showformat '${Status} ${Version}' chef-backend")
    expected = {"preinst": f"install ok installed {repacker.version}", "postinst": "install ok half-configured 3.3.0-1"}
    assert status == expected[script]
    (good,) = host.put(repacker.package(Format.DEB, "3.3.1"), into="/good")
    host.sh(f"{INSTALL} {good}", timeout_s=300)
    assert record(host)["version"] == "3.3.1-1"
    assert host.sh(f"systemctl is-enabled {UNIT}").strip() == "enabled"
    assert probe(host) == before


def test_a_removal_that_fails_leaves_the_package_installed(deb_host: Callable[..., Host]) -> None:
    """dpkg then calls the postinst with abort-remove."""
    host = deb_host()
    before = probe(host)
    host.sh("sed -i 's/^set -e$/exit 1/' /var/lib/dpkg/info/chef-backend.prerm")
    assert host.run("dpkg", "--remove", "chef-backend", check=False).code != 0
    assert host.sh("dpkg-query --show --showformat '${Status}' chef-backend") == "deinstall ok installed"
    assert probe(host) == before


def test_a_damaged_installation_can_be_removed(deb_host: Callable[..., Host]) -> None:
    """Without its Python the package stops its unit, and goes."""
    host = deb_host()
    probe(host)
    host.sh("rm /opt/chef-backend/embedded/bin/python3.13")
    host.sh("dpkg --remove chef-backend")
    assert_nothing_runs(host)
    assert not host.exists(PROBE)
