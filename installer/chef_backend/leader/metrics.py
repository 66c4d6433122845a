"""leaderl's figures in Prometheus' text format: https://prometheus.io/docs/instrumenting/exposition_formats/."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chef_backend.leader.model import Role

_PREFIX = "chef_backend_"
_MIB = 1 << 20


def render(status: Mapping[str, Any]) -> str:
    """Return the metrics of a node's status; they come whatever part of it did not answer."""
    return "".join(_lines(status))


def _lines(status: Mapping[str, Any]) -> Iterator[str]:
    database, search, eligibility = status["postgresql"], status["elasticsearch"], status["eligibility"]
    state = database["state"]
    yield from _family("build_info", "The version of this software.", {_label("version", status["version"]): 1})
    yield from _gauge("leader", "Whether this node leads and takes writes.", int(status["leads"]))
    yield from _gauge("epoch", "The epoch of the leadership that this node knows of.", status["epoch"])
    roles = {_label("role", role): int(status["role"] == role) for role in Role}
    yield from _family("role", "This node's role.", roles)
    yield from _family(
        "eligible",
        "Whether this node may stand for election, and why not.",
        {_label("reason", eligibility["reason"]): int(eligibility["eligible"])},
    )
    yield from _gauge("postgres_running", "Whether PostgreSQL answers.", int(not database["error"]))
    yield from _gauge("postgres_in_recovery", "Whether PostgreSQL follows another.", int(state == "follower"))
    yield from _gauge("postgres_timeline", "PostgreSQL's timeline, 0 while it is not known.", database["timeline"])
    streaming = [replica for replica in database["replication"] if replica["state"] == "streaming"]
    yield from _gauge("postgres_followers", "Standbys that stream from here.", len(streaming))
    known = [replica for replica in streaming if replica["lag_bytes"] is not None]
    lags = {_label("follower", replica["name"]): replica["lag_bytes"] for replica in known}
    yield from _family("postgres_follower_lag_bytes", "What a follower has not on its disk yet.", lags)
    colours = {_label("colour", colour): int(search["state"] == colour) for colour in ("green", "yellow", "red")}
    yield from _family("elasticsearch_state", "Elasticsearch's colour.", colours)
    yield from _gauge("elasticsearch_master", "Whether this node is Elasticsearch's master.", int(search["master"]))
    yield from _gauge("etcd_reachable", "Whether etcd answered last.", int(not status["etcd"]["error"]))
    yield from _gauge("etcd_members", "Members of etcd's cluster.", len(status["etcd"]["members"]))
    free = {_label("path", disk["path"]): disk["free_mb"] * _MIB for disk in status["disks"] if disk["free_mb"] >= 0}
    yield from _family("disk_free_bytes", "The room left for this node's files.", free)
    least = {_label("path", disk["path"]): disk["least_mb"] * _MIB for disk in status["disks"]}
    yield from _family("disk_least_bytes", "The room that there should be.", least)


def _gauge(name: str, text: str, value: float) -> Iterator[str]:
    yield from _family(name, text, {"": value})


def _family(name: str, text: str, values: Mapping[str, float]) -> Iterator[str]:
    yield f"# HELP {_PREFIX}{name} {text}\n# TYPE {_PREFIX}{name} gauge\n"
    for labels, value in values.items():
        yield f"{_PREFIX}{name}{'{' + labels + '}' if labels else ''} {value}\n"


def _label(name: str, value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'{name}="{escaped}"'
