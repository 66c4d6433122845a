"""Everything that can be looked at on a host, looked at: each part within its time, and one that hangs is a finding."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from chef_backend.base.clock import Clock
from chef_backend.health import codes
from chef_backend.health.finding import Code, Finding, Severity
from chef_backend.health.probes.accounts import accounts
from chef_backend.health.probes.clock import clock, time_service
from chef_backend.health.probes.disks import disks
from chef_backend.health.probes.file_systems import executables, file_systems, writable
from chef_backend.health.probes.firewall import firewall
from chef_backend.health.probes.kernel import kernel
from chef_backend.health.probes.latency import latency
from chef_backend.health.probes.limits import limits
from chef_backend.health.probes.locales import locales
from chef_backend.health.probes.memory import memory
from chef_backend.health.probes.network import address, host_name, ports
from chef_backend.health.probes.processor import processor
from chef_backend.health.probes.selinux import selinux
from chef_backend.health.wanted import Wanted
from chef_backend.health.world import World
from chef_backend.status.ask import Questions
from chef_backend.status.model import Failure

_WITHIN_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Probe:
    """One look: it gives findings of these codes, or one of each in severity `late` when it gives nothing in time."""

    codes: tuple[Code, ...]
    look: Callable[[World, Wanted], Iterator[Finding]]
    late: Severity = Severity.UNKNOWN


TIME_SERVICE: Final = Probe((codes.NTP,), time_service)
CLOCK: Final = Probe((codes.CLOCK,), clock)
DISKS: Final = Probe((codes.SPACE, codes.INODES), disks, Severity.CRITICAL)
WRITABLE: Final = Probe((codes.READ_ONLY,), writable)
LIMITS: Final = Probe((codes.FILES, codes.MAPS), limits)
FIREWALL: Final = Probe((codes.FIREWALL,), firewall)
# It is disturbed by whatever else goes on: nothing of ours does meanwhile.
LATENCY: Final = Probe((codes.SYNC,), latency, Severity.CRITICAL)
PROBES: Final = (
    TIME_SERVICE,
    Probe((codes.MEMORY, codes.MEMORY_PLAN), memory),
    Probe((codes.PROCESSORS, codes.SSE42), processor),
    CLOCK,
    DISKS,
    Probe((codes.FILE_SYSTEM,), file_systems),
    Probe((codes.NOEXEC,), executables),
    WRITABLE,
    LATENCY,
    Probe((codes.PORTS,), ports),
    Probe((codes.HOST_NAME,), host_name),
    Probe((codes.ADDRESS,), address),
    Probe((codes.LOCALE,), locales),
    LIMITS,
    Probe((codes.OVERCOMMIT, codes.HUGE_PAGES), kernel),
    Probe((codes.SELINUX,), selinux),
    FIREWALL,
    Probe((codes.ACCOUNTS,), accounts),
)


def look(
    probes: Sequence[Probe], world: World, wanted: Wanted, clock: Clock, *, within_s: float = _WITHIN_S
) -> tuple[Finding, ...]:
    """Return what the probes find, in their order, after at most twice `within_s` whatever the host does."""
    found: dict[tuple[Code, ...], tuple[Finding, ...]] = {}
    for alone in (True, False):
        questions = Questions(clock, within_s)
        found |= _asked([probe for probe in probes if (probe is LATENCY) is alone], world, wanted, questions)
    return tuple(finding for probe in probes for finding in found[probe.codes])


def _asked(
    probes: Sequence[Probe], world: World, wanted: Wanted, questions: Questions
) -> dict[tuple[Code, ...], tuple[Finding, ...]]:
    asked = {probe: questions.ask(_question(probe, world, wanted)) for probe in probes}
    return {probe.codes: _findings(probe, answer()) for probe, answer in asked.items()}


def _question(probe: Probe, world: World, wanted: Wanted) -> Callable[[], tuple[Finding, ...]]:
    return lambda: tuple(probe.look(world, wanted))


def _findings(probe: Probe, answer: tuple[Finding, ...] | Failure) -> tuple[Finding, ...]:
    if isinstance(answer, Failure):
        return tuple(code.found(probe.late, "no answer", evidence=answer.reason) for code in probe.codes)
    return answer
