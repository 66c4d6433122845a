"""What this node tells the others through etcd, and what all of them told: gathered beside the leadership's turns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from chef_backend.base.clock import Clock
from chef_backend.elasticsearch.model import Search, SearchUnavailable
from chef_backend.etcd.model import Etcd, EtcdUnavailable
from chef_backend.leader.model import Barrier, Role, Snapshot
from chef_backend.leader.observe import DiskSpace, disk_spaces
from chef_backend.leader.settings import LeaderSettings

STATUS_PREFIX = "cb/status/"
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class SearchState:
    """Elasticsearch as this node sees it."""

    state: str = ""
    master: bool = False
    nodes: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class EtcdState:
    """etcd as this node's own member answers: whether it is healthy, and the GUIDs of all members."""

    healthy: bool = False
    members: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What has no part in the leadership; `peers` are the last words of all nodes, by GUID."""

    elasticsearch: SearchState = SearchState()
    disks: tuple[DiskSpace, ...] = ()
    peers: Mapping[str, Any] = field(default_factory=dict)
    etcd: EtcdState = EtcdState()
    version: str = ""


def gather(settings: LeaderSettings, search: Search, etcd: Etcd, before: Surroundings) -> Surroundings:
    """Ask everybody once. Where etcd does not answer, the others' last words stay."""
    peers = before.peers
    try:
        found = etcd.get_all(STATUS_PREFIX)
        peers = {key.removeprefix(STATUS_PREFIX): _read(value.data) for key, value in found.items()}
        members = tuple(member.name for member in etcd.members())
        state = EtcdState(healthy=etcd.is_healthy(), members=members)
    except EtcdUnavailable as failure:
        state = replace(before.etcd, healthy=False, error=failure.message)
    disks = disk_spaces(settings.disk_paths, settings.disk_least_mb)
    return replace(before, elasticsearch=_search(search, settings.ip), disks=disks, peers=peers, etcd=state)


def document(settings: LeaderSettings, snapshot: Snapshot, around: Surroundings, clock: Clock) -> dict[str, Any]:
    """Return this node's status, as /status and etcd have it: docs/reference/leaderl.md."""
    return {
        "schema_version": SCHEMA_VERSION,
        "version": around.version,
        "guid": settings.guid,
        "name": settings.name,
        "ip": settings.ip,
        "role": str(snapshot.role),
        "reason": snapshot.reason,
        "epoch": snapshot.epoch,
        "leads": snapshot.leads(clock.monotonic()),
        "follows": snapshot.follows,
        "eligibility": {"eligible": not snapshot.ineligible, "reason": snapshot.ineligible},
        "partially_synced": snapshot.unsynced,
        "no_start_pgsql": str(snapshot.barrier) if snapshot.barrier in {Barrier.OURS, Barrier.FOREIGN} else "",
        "postgresql": _postgresql(snapshot),
        "elasticsearch": asdict(around.elasticsearch),
        "etcd": asdict(around.etcd),
        "disks": [asdict(disk) for disk in around.disks],
        "at": clock.now().isoformat(timespec="seconds"),
    }


def post(etcd: Etcd, guid: str, found: Mapping[str, Any]) -> None:
    """Leave this node's status for the others; nothing is lost when that fails, the next one says more."""
    with suppress(EtcdUnavailable):
        etcd.put(STATUS_PREFIX + guid, json.dumps(found, sort_keys=True).encode())


def _postgresql(snapshot: Snapshot) -> dict[str, Any]:
    database = snapshot.database
    if database.error:
        state = "down" if database.gone else "unknown"
    elif database.in_recovery:
        state = "follower"
    else:
        state = "leader" if snapshot.role in {Role.LEADER, Role.PROMOTING} else "unfenced"
    return {
        "state": state,
        "error": database.error,
        "timeline": database.timeline,
        "lsn": database.lsn,
        "epoch": database.epoch,
        "replication": [asdict(replica) for replica in database.replication],
    }


def _search(search: Search, ip: str) -> SearchState:
    try:
        health, nodes = search.health(), search.nodes()
    except SearchUnavailable as error:
        return SearchState(error=error.message)
    return SearchState(health.state, any(node.master and node.ip == ip for node in nodes), health.nodes)


def _read(data: bytes) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(data)
    except ValueError:
        return {"error": "not JSON"}
