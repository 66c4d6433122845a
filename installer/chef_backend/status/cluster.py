"""`cluster-status` as the contract's table, with more columns when asked, and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from chef_backend.status.model import ClusterStatus, Member
from chef_backend.status.table import duration, table

SCHEMA_VERSION = 1
_HEAD = ("Name", "IP", "GUID", "Role", "PG", "ES")
_MORE = ("Follows", "Timeline", "Lag", "Seen", "Blocked", "Eligible", "Version")


def cluster_table(status: ClusterStatus, *, extended: bool = False) -> str:
    """Return a row for each node; public scripts take the third word of the line that says leader twice."""
    if not extended:
        return table(_HEAD, [_row(member) for member in status.members])
    names = {member.guid: member.name for member in status.members}
    return table((*_HEAD, *_MORE), [(*_row(member), *_more(member, names)) for member in status.members])


def document(status: ClusterStatus) -> dict[str, Any]:
    """Return what `cluster-status --json` prints; keys are only ever added while the schema's version stays."""
    return {
        "schema_version": SCHEMA_VERSION,
        "nodes": [asdict(member) for member in status.members],
        "errors": [{"source": name, "message": each.reason} for name, each in sorted(status.failures.items())],
    }


def _row(member: Member) -> tuple[str, ...]:
    return member.name, member.ip, member.guid, member.role, member.pg, member.es


def _more(member: Member, names: dict[str, str]) -> tuple[str, ...]:
    return (
        names.get(member.follows, member.follows) or "-",
        _text(member.timeline),
        "-" if member.lag_bytes is None else f"{member.lag_bytes} bytes",
        "-" if member.seen_s is None else duration(member.seen_s),
        {True: "blocked", False: "not_blocked", None: "-"}[member.blocked],
        {True: "true", False: "false", None: "-"}[member.eligible],
        member.version or "-",
    )


def _text(value: object) -> str:
    return "-" if value is None else str(value)
