"""What a bundle tells of the machine; the names are those that programs which read such bundles look for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from chef_backend.base.paths import Paths
from chef_backend.bundle.item import MIB, Copy, Item, Program
from chef_backend.resources.host import Host, Kind
from chef_backend.supervise.process import NAME

_SLOW_S: Final = 60.0
_PACKAGE: Final = "chef-backend"
# No arguments of processes: other people's programs have passwords there.
_PROCESSES: Final = "pid,ppid,user,stat,lstart,etime,pcpu,pmem,rss,nlwp,comm"
# Nor the unit's status, which shows them.
_UNIT: Final = (
    "Id,LoadState,ActiveState,SubState,UnitFileState,MainPID,NRestarts,ExecMainStartTimestamp,ExecMainStatus,Result,"
    "MemoryCurrent,TasksCurrent,TasksMax,LimitNOFILE,LimitMEMLOCK"
)
_PROGRAMS: Final = {
    "uname_a.txt": ("uname", "-a"),
    "uptime.txt": ("uptime",),
    "free_m.txt": ("free", "-m"),
    "df_h.txt": ("df", "-h"),
    "df_i.txt": ("df", "-i"),
    "df_k.txt": ("df", "-k"),
    "findmnt.txt": ("findmnt", "--all"),
    "lsblk.txt": ("lsblk", "--output", "NAME,TYPE,SIZE,FSTYPE,ROTA,SCHED,MOUNTPOINT"),
    "ps.txt": ("ps", "-e", "-o", _PROCESSES, "--sort=-rss"),
    "ss_ontap.txt": ("ss", "-ontap"),
    "ss_lntup.txt": ("ss", "-lntup"),
    "ip_address.txt": ("ip", "address"),
    "ip_route.txt": ("ip", "route", "show", "table", "all"),
    "etc/hosts": ("cat", "/etc/hosts"),
    "etc/resolv.conf": ("cat", "/etc/resolv.conf"),
    "sysctl_a.txt": ("sysctl", "--all"),
    "timedatectl.txt": ("timedatectl", "show"),
    "chronyc_tracking.txt": ("chronyc", "-n", "tracking"),
    "getenforce.txt": ("getenforce",),
    "accounts.txt": ("getent", "passwd", "chef_pgsql", "chef-backend"),
    "dmesg.txt": ("dmesg",),
    "systemctl_show.txt": ("systemctl", "show", f"--property={_UNIT}", f"{NAME}.service"),
    "journalctl_unit.txt": ("journalctl", "--no-pager", "--lines=2000", f"--unit={NAME}.service"),
}
_FILES: Final = ("cpuinfo", "meminfo", "loadavg", "vmstat", "pressure/cpu", "pressure/io", "pressure/memory")


def system(host: Host, paths: Paths) -> Iterator[Item]:
    """Yield what is collected of the machine; a program that it lacks is a line in the manifest."""
    yield Copy("etc/os-release", paths.root / "usr/lib/os-release")
    for path, argv in _PROGRAMS.items():
        yield Program(path, argv)
    for name in _FILES:
        yield Copy(f"proc/{name}", Path("/proc", name))
    yield from _packages(host, paths)


def _packages(host: Host, paths: Paths) -> Iterator[Item]:
    if host.observe(paths.root / "var/lib/dpkg/status", through_link=True).kind is not Kind.MISSING:
        shown = "--showformat=${Package} ${Version} ${Architecture} ${db:Status-Abbrev}\\n"
        yield Program("installed-packages.txt", ("dpkg-query", "--show", shown), limit=2 * MIB)
        yield Program("package_verify.txt", ("dpkg", "--verify", _PACKAGE), within_s=_SLOW_S)
    else:
        yield Program("installed-packages.txt", ("rpm", "--query", "--all"), within_s=_SLOW_S, limit=2 * MIB)
        yield Program("package_verify.txt", ("rpm", "--verify", _PACKAGE), within_s=_SLOW_S)
