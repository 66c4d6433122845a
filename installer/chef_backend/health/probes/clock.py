"""The clock: whether something keeps it, and whether it has succeeded so far."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Final

from chef_backend.health.codes import CLOCK, NTP
from chef_backend.health.finding import Finding
from chef_backend.health.probes.release import installs
from chef_backend.health.wanted import Wanted
from chef_backend.health.world import World

# As the kernel has them, which cuts a name after 15 characters.
_SERVICES: Final = {
    "chronyd": "chrony",
    "ntpd": "ntpd",
    "systemd-timesyn": "systemd-timesyncd",
    "ptp4l": "ptp4l",
    "phc2sys": "phc2sys",
}
_TIMESYNCD: Final = "/usr/lib/systemd/system/systemd-timesyncd.service"
# The kernel's word for not knowing: NTP_PHASE_LIMIT of include/linux/timex.h.
_UNKNOWN_S: Final = 16.0
_MOST_S: Final = 1.5


def time_service(world: World, _wanted: Wanted) -> Iterator[Finding]:
    """Yield whether a time service runs."""
    timesyncd = bool(world.read(_TIMESYNCD))
    yield service(world.programs(), timesyncd=timesyncd, release=world.read("/etc/os-release"))


def service(programs: AbstractSet[str], *, timesyncd: bool, release: str) -> Finding:
    """Judge what runs; `timesyncd` says that systemd's own is installed."""
    found = sorted(_SERVICES[name] for name in programs & _SERVICES.keys())
    if found:
        return NTP.fine(", ".join(found))
    # A deb's services start by themselves.
    chrony = installs(release, deb="chrony", rpm="chrony && systemctl enable --now chronyd")
    fix = "systemctl enable --now systemd-timesyncd" if timesyncd else chrony
    return NTP.warning("none runs", evidence=f"no process of {', '.join(sorted(set(_SERVICES.values())))}", fix=fix)


def clock(world: World, _wanted: Wanted) -> Iterator[Finding]:
    """Yield whether the clock is right, as far as this machine can tell."""
    yield error(world.clock_error_s())


def error(most_s: float | None) -> Finding:
    """Judge the largest error that the clock may have by what the time service told the kernel."""
    if most_s is None:
        return CLOCK.unknown("not told", evidence="the kernel does not answer adjtimex(2)")
    if most_s >= _UNKNOWN_S:
        return CLOCK.warning("not synchronised", evidence="the kernel says that nobody has set the clock so far")
    value = f"right to {most_s:.3f} s"
    return CLOCK.fine(value) if most_s <= _MOST_S else CLOCK.warning(value)
