"""What a node's leaderl says of its node, read from its document: see chef_backend.leader.status. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Standby:
    """A PostgreSQL server that copies from the one that tells of it."""

    ip: str
    state: str
    lag_bytes: int | None


@dataclass(frozen=True, slots=True)
class Report:
    """One node's word, `at` a time in seconds of the epoch; `etcd_members` are the GUIDs that it knows of.

    `reason` is why its role is no better, "" where all is well. `postgresql` and `search` are words of cluster-status.
    """

    guid: str
    name: str
    ip: str
    at: float
    role: str
    reason: str
    epoch: int
    leads: bool
    follows: str
    eligible: bool
    partially_synced: bool
    postgresql: str
    timeline: int
    standbys: tuple[Standby, ...]
    search: str
    has_room: bool
    etcd_members: tuple[str, ...]
    version: str


def parse_report(found: Any) -> Report | None:  # noqa: ANN401 - JSON, which becomes typed here
    """Return the report, None where it is none: of another version, or damaged."""
    try:
        return _report(found)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def parse_peers(found: Mapping[str, Any]) -> tuple[Report, ...]:
    """Return the last words of all nodes that a leaderl knows of."""
    peers = found.get("nodes")
    reports = map(parse_report, peers.values()) if isinstance(peers, dict) else ()
    return tuple(report for report in reports if report is not None)


def _report(found: Any) -> Report:  # noqa: ANN401 - JSON
    database = found["postgresql"]
    return Report(
        guid=str(found["guid"]),
        name=str(found["name"]),
        ip=str(found["ip"]),
        at=datetime.fromisoformat(found["at"]).timestamp(),
        role=str(found["role"]),
        reason=str(found["reason"]),
        epoch=int(found["epoch"]),
        leads=found["leads"] is True,
        follows=str(found["follows"]),
        eligible=found["eligibility"]["eligible"] is True,
        partially_synced=found["partially_synced"] is True,
        postgresql=str(database["state"]),
        timeline=int(database["timeline"]),
        standbys=tuple(_standby(item) for item in database["replication"]),
        search=_search(found["elasticsearch"]),
        has_room=not any(0 <= disk["free_mb"] < disk["least_mb"] for disk in found["disks"]),
        etcd_members=tuple(map(str, found["etcd"]["members"])),
        version=str(found["version"]),
    )


def _search(found: Mapping[str, Any]) -> str:
    if found["error"] or not found["state"]:
        return "unknown"
    return "master" if found["master"] is True else "not_master"


def _standby(item: Mapping[str, Any]) -> Standby:
    lag = item["lag_bytes"]
    return Standby(str(item["ip"]), str(item["state"]), None if lag is None else int(lag))
