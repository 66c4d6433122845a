"""etcd: its members, and how long they wait for their disks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import urlsplit

from chef_backend.health.codes import ETCD, ETCD_SYNC
from chef_backend.health.finding import Finding
from chef_backend.health.seen import Seen
from chef_backend.roles.node import url
from chef_backend.status.answers import Answers
from chef_backend.status.distributed import distributed
from chef_backend.status.model import Failure

# https://etcd.io/docs/v3.5/metrics/#disk: a histogram in Prometheus' text format.
_BUCKET: Final = re.compile(r'^etcd_disk_wal_fsync_duration_seconds_bucket\{le="([^"]+)"\} (\d+)$', re.MULTILINE)
_PEER_PORT: Final = 2380
_MOST_MS: Final = 10.0
_SHARE: Final = 0.99
_ENOUGH: Final = 100
_MS: Final = 1000.0
# https://etcd.io/docs/v3.5/op-guide/maintenance/#space-quota
_NO_SPACE: Final = "NOSPACE"


def etcd(seen: Seen) -> Iterator[Finding]:
    """Yield how many members are healthy."""
    if isinstance(seen.answers, Failure):
        yield ETCD.unknown("not told", evidence=seen.answers.reason)
        return
    found = distributed(seen.answers).etcd
    if isinstance(found, Failure):
        yield ETCD.critical("no answer", evidence=found.reason)
        return
    value = f"{found.nodes} of {found.total} healthy"
    if found.colour == "green":
        yield _moved(seen, seen.answers) or ETCD.fine(value)
        return
    if _NO_SPACE in seen.etcd_health:
        yield ETCD.critical("takes no writes", evidence="alarm NOSPACE: its data reached its limit", fix=_disarm(seen))
        return
    ill = ", ".join(guid for guid, healthy in seen.answers.healthy.items() if not healthy)
    judged = ETCD.critical if found.colour == "red" else ETCD.warning
    yield judged(value, evidence=f"not healthy: {ill}" if ill else "")


def _moved(seen: Seen, answers: Answers) -> Finding | None:
    """Judge the address that this node's member has in etcd: a changed publish_address does not change it."""
    address, me = seen.known.wanted.publish_address, answers.me
    if isinstance(answers.members, Failure) or isinstance(me, Failure) or not address:
        return None
    member = next((each for each in answers.members if each.name == me.guid), None)
    if member is None or not member.peer_urls or address in {urlsplit(each).hostname for each in member.peer_urls}:
        return None
    given = urlsplit(member.peer_urls[0])
    wanted = url(address, given.port or _PEER_PORT)
    fix = f"{_etcdctl(seen)} member update {member.id:x} --peer-urls={wanted}"
    return ETCD.warning("lists an old address", evidence=f"this node is {given.hostname} there", fix=fix)


def _etcdctl(seen: Seen) -> str:
    return f"ETCDCTL_API=3 {seen.known.wanted.embedded}/bin/etcdctl"


def _disarm(seen: Seen) -> str:
    """Return the command that makes room and ends the alarm; what is old was compacted within the hour."""
    etcdctl = _etcdctl(seen)
    return f"{etcdctl} defrag && {etcdctl} alarm disarm"


def disk(seen: Seen) -> Iterator[Finding]:
    """Yield how long etcd's writes took since it started; nothing while it does not tell, or has hardly written."""
    found_ms = slow_ms(seen.metrics)
    if found_ms is None:
        return
    value = f"{found_ms:.1f} ms"
    yield ETCD_SYNC.fine(value) if found_ms <= _MOST_MS else ETCD_SYNC.warning(value)


def slow_ms(page: str) -> float | None:
    """Return the time within which 99 of 100 writes were, as Prometheus' histogram_quantile estimates it.

    None for fewer than 100 writes.
    """
    buckets = [(float(bound), int(count)) for bound, count in _BUCKET.findall(page)]
    if not buckets or buckets[-1][1] < _ENOUGH:
        return None
    return _quantile(buckets) * _MS


def _quantile(buckets: Sequence[tuple[float, int]]) -> float:
    """Return the value in seconds, between the bounds of its bucket by the share of its writes."""
    rank = buckets[-1][1] * _SHARE
    low, before = 0.0, 0
    for bound, count in buckets:
        if count >= rank:
            return low if bound == float("inf") else low + (bound - low) * (rank - before) / (count - before)
        low, before = bound, count
    return low
