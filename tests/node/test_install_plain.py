"""The real deb where systemd is not: in a container's root without any init system, and on one with init scripts."""

from __future__ import annotations

import shlex
from collections.abc import Callable

import pytest

from node import CONFIG, CREATE, CTL, PROBE, PYTHON, RUN, SERVICES
from omnibuild.packaging.contents import Format
from product import Product
from repack import Repacker
from roots import Root

pytestmark = [pytest.mark.root, pytest.mark.node, pytest.mark.package]

INSTALL = "apt-get install -y --no-install-recommends"
# Each command of a root has processes of its own, so what is started must be looked at and stopped in the same one.
_LIFE = f"""
mkdir -p {PROBE}
cat >{PROBE}/run <<'END'
{RUN}END
chmod 755 {PROBE}/run
ln -s {PROBE} /opt/chef-backend/service/probe
%s
tries=0
until [ "$(cat {PROBE}/supervise/stat 2>/dev/null)" = run ]; do
  tries=$((tries + 1)); [ $tries -lt 100 ]; sleep 0.1
done
service=$(cat {PROBE}/supervise/pid)
[ -d /proc/$service ]
apt-get remove -y chef-backend
[ ! -d /proc/$service ]
[ ! -e /opt/chef-backend ]
for exe in /proc/[0-9]*/exe; do case $(readlink $exe) in /opt/chef-backend/*) exit 9 ;; esac; done
"""

# Such a root has a loopback only: a second address of it stands in for the machine's own.
_ADDRESS = "10.20.30.40"
_ADD_ADDRESS = f"""
import fcntl, socket, struct
given = struct.pack("16sH2x4s8x", b"lo:1", socket.AF_INET, socket.inet_aton("{_ADDRESS}"))
fcntl.ioctl(socket.socket(), 0x8916, given)  # SIOCSIFADDR
"""
_UPGRADE = f"""
{PYTHON} - <<'END'
{_ADD_ADDRESS}END
cat >{CONFIG} <<'END'
publish_address '{_ADDRESS}'
elasticsearch.heap_size 256
postgresql.shared_buffers '64MB'
END
{shlex.join(CREATE)}
pids() {{ for name in {" ".join(SERVICES)}; do cat /opt/chef-backend/sv/$name/supervise/pid; done }}
old=$(pids)
dpkg --force-unsafe-io --install %s
[ "$(pids)" = "$old" ]
{CTL} upgrade
for pid in $old; do [ ! -d /proc/$pid ]; done
{CTL} upgrade
{CTL} cluster-status
{CTL} stop
"""


def test_without_an_init_system_the_supervisor_is_started_by_hand(
    plain_root: Callable[..., Root], product: Product
) -> None:
    """Installation says nothing of a unit, and the removal finds the supervisor whoever started it."""
    root = plain_root()
    said = root.sh(f"{INSTALL} /packages/{product.deb.name}")
    assert "chef-backend-ctl create-cluster" in said
    assert not root.files("/etc/systemd") & {"chef-backend"}
    root.sh(_LIFE % "/opt/chef-backend/embedded/bin/runsvdir-start </dev/null >/dev/null 2>&1 &")


def test_an_init_script_is_enabled_where_sysv_init_boots_the_machine(
    plain_root: Callable[..., Root], product: Product, repacker: Repacker
) -> None:
    """The script starts and stops what the unit would; nothing is started by the installation, or by an upgrade."""
    root = plain_root(include=["sysvinit-core"])
    root.sh(f"{INSTALL} /packages/{product.deb.name}")
    script = "/etc/init.d/chef-backend-runsvdir-start"
    assert root.sh(f"readlink {script}").strip() == "/opt/chef-backend/share/init/chef-backend-runsvdir-start"
    assert root.sh("ls /etc/rc2.d /etc/rc0.d").count("chef-backend-runsvdir-start") == 2
    assert root.run(script, "status", check=False).returncode == 3
    said = root.sh(_UPGRADE % root.put(repacker.package(Format.DEB, "3.3.0"))[0], timeout_s=900)
    assert "chef-backend 3.3.0-1 is installed in place of " in said
    assert "Restarted: etcd, postgresql, elasticsearch, leaderl." in said
    assert "Nothing was restarted" in said
    assert "leader  leader" in said
    root.sh(_LIFE % f"{script} start; {script} start")
    assert not {path for path in root.files("/etc") if "chef-backend-runsvdir-start" in path}
