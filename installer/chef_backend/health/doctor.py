"""All that can be found on this node, and what `doctor` and `health` take of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from chef_backend.health.checks.certificate import certificate
from chef_backend.health.checks.cluster import leader, postgresql, search
from chef_backend.health.checks.etcd import disk, etcd
from chef_backend.health.checks.files import drift, secrets
from chef_backend.health.checks.holders import holders
from chef_backend.health.checks.member import configuration, membership
from chef_backend.health.checks.restarts import restarts
from chef_backend.health.checks.room import room
from chef_backend.health.checks.sentinels import sentinels
from chef_backend.health.checks.services import services
from chef_backend.health.finding import Finding
from chef_backend.health.look import CLOCK, DISKS, FIREWALL, LIMITS, TIME_SERVICE, WRITABLE, Probe
from chef_backend.health.seen import Seen
from chef_backend.reconfigure.membership import Membership

Check = Callable[[Seen], Iterator[Finding]]
ALWAYS: Final[tuple[Check, ...]] = (membership, configuration)
HEALTHS_CHECKS: Final[tuple[Check, ...]] = (
    *ALWAYS,
    services,
    holders,
    leader,
    postgresql,
    sentinels,
    etcd,
    search,
    room,
    certificate,
    restarts,
    drift,
    secrets,
)
# What etcd tells of its disk is since its start: an alarm would never end.
DOCTORS_CHECKS: Final[tuple[Check, ...]] = (*HEALTHS_CHECKS, disk)
# What can go wrong with a host while it is a node; the rest is for preflight.
DOCTORS_PROBES: Final[tuple[Probe, ...]] = (TIME_SERVICE, CLOCK, DISKS, WRITABLE, LIMITS, FIREWALL)
# What monitoring is to wake somebody for: no advice on how a host is set up.
HEALTHS_PROBES: Final[tuple[Probe, ...]] = (CLOCK, DISKS, WRITABLE)


def judged(seen: Seen, checks: Sequence[Check]) -> tuple[Finding, ...]:
    """Return the findings of the node; of one that is in no cluster there are few."""
    made = ALWAYS if seen.membership is Membership.NONE else checks
    return tuple(finding for check in made for finding in check(seen))
