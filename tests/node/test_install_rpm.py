"""The real rpm's life on a host: rpm runs the old version's scriptlets after the new one's, and runs none again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conftest import RPM
from hosts import Host
from node import UNIT, assert_nothing_runs, probe, record
from omnibuild.packaging.contents import Format
from product import Product
from repack import Repacker, fails

pytestmark = [pytest.mark.docker, pytest.mark.node, pytest.mark.package]

DATA = "/var/opt/chef-backend/etcd/data/member/precious"


@pytest.fixture
def host(rpm_host: Callable[..., Host], product: Product) -> Host:
    """A host with the built rpm installed, and nothing done since."""
    made = rpm_host()
    said = made.sh(f"{RPM} --install /packages/{product.rpm.name}", timeout_s=300)
    assert "chef-backend-ctl create-cluster" in said
    return made


def test_install_makes_all_that_create_cluster_needs_and_starts_nothing(host: Host) -> None:
    """As the deb does."""
    for name in ("chef_pgsql", "chef-backend"):
        assert host.sh(f"id --group --name {name}").strip() == name
    assert host.sh(f"systemctl is-enabled {UNIT}").strip() == "enabled"
    assert record(host)["version"] == host.sh("rpm --query --queryformat '%{VERSION}-%{RELEASE}' chef-backend")
    assert host.sh("rpm --verify chef-backend") == ""
    assert_nothing_runs(host)


def test_an_upgrade_leaves_services_running_and_what_reconfigure_made_in_place(host: Host, repacker: Repacker) -> None:
    """The old version's postun comes last: it must not take away what the new one uses."""
    before = probe(host)
    host.sh(f"install -D /etc/hostname {DATA}")
    (newer,) = host.put(repacker.package(Format.RPM, "3.3.0"), into="/newer")
    said = host.sh(f"{RPM} --upgrade {newer}", timeout_s=300)
    assert probe(host) == before
    assert f"chef-backend 3.3.0-1 is installed in place of {repacker.version}." in said
    assert record(host) == {"format": 1, "version": "3.3.0-1", "enabled": True}
    assert host.exists("/opt/chef-backend/service/probe")
    host.sh(f"systemctl disable --quiet {UNIT}; {RPM} --reinstall {newer}", timeout_s=300)
    assert probe(host) == before
    assert host.run("systemctl", "is-enabled", UNIT, check=False).out.strip() == "disabled"


def test_a_downgrade_is_refused_until_root_allows_it_once(host: Host, repacker: Repacker) -> None:
    """rpm tells a scriptlet no version at all, and `dnf downgrade` asks nobody."""
    before = probe(host)
    (older,) = host.put(repacker.package(Format.RPM, "3.1.0"), into="/older")
    for command in (f"{RPM} --upgrade --oldpackage {older}", f"{RPM} --erase chef-backend; {RPM} --install {older}"):
        refused = host.run("sh", "-c", command, check=False, timeout_s=300)
        assert refused.code != 0
        assert f"this node had version {repacker.version}; 3.1.0-1 is older" in refused.out
        if "oldpackage" in command:
            assert host.sh("rpm --query chef-backend").startswith(f"chef-backend-{repacker.version}")
            assert probe(host) == before
    host.sh("echo 3.1.0-1 >/var/opt/chef-backend/install/allow-downgrade")
    host.sh(f"{RPM} --install {older}", timeout_s=300)
    assert record(host)["version"] == "3.1.0-1"


def test_an_installation_that_fails_says_what_finishes_it(rpm_host: Callable[..., Host], product: Product) -> None:
    """rpm only warns of a failed postin, and takes the package for installed."""
    host = rpm_host()
    host.sh("echo 1 >/etc/group.lock")
    failed = host.run("sh", "-c", f"{RPM} --install /packages/{product.rpm.name}", check=False, timeout_s=300)
    (line,) = [line for line in failed.out.splitlines() if line.startswith("hint: then finish with: ")]
    host.sh(f"rm /etc/group.lock; {line.removeprefix('hint: then finish with: ')}")
    assert record(host)["enabled"]
    assert host.sh("getent passwd chef-backend")


def test_an_upgrade_whose_first_scriptlet_fails_leaves_the_old_version(host: Host, repacker: Repacker) -> None:
    """Nothing was unpacked."""
    before = probe(host)
    broken = repacker.package(Format.RPM, "3.3.0", change={"preinst": fails}, whole=False)
    (path,) = host.put(broken, into="/broken")
    assert host.run("sh", "-c", f"{RPM} --upgrade {path}", check=False).code != 0
    assert host.sh("rpm --verify chef-backend") == ""
    assert probe(host) == before


def test_removal_keeps_data_and_deletes_it_only_where_this_node_was_named(host: Host, product: Product) -> None:
    """rpm knows no purge: the removal itself asks for the same wish."""
    probe(host)
    host.sh(f"install -D /etc/hostname {DATA}")
    said = host.sh(f"{RPM} --erase chef-backend", timeout_s=300)
    assert "kept are /etc/chef-backend" in said
    assert_nothing_runs(host)
    assert host.exists(DATA)
    assert not host.exists("/opt/chef-backend")
    host.sh(f"{RPM} --install /packages/{product.rpm.name}", timeout_s=300)
    assert host.sh(f"systemctl is-enabled {UNIT}").strip() == "enabled"
    host.sh("uname -n >/var/opt/chef-backend/install/purge-data")
    assert "were deleted" in host.sh(f"{RPM} --erase chef-backend", timeout_s=300)
    assert not host.exists("/var/opt/chef-backend")
