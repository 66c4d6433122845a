"""The rows of `cluster-status`, from what the sources said. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from chef_backend.etcd.model import Member as EtcdMember
from chef_backend.status.answers import LEADER, Answers, Whoami
from chef_backend.status.model import ClusterStatus, Failure, Member
from chef_backend.status.report import Report

_NOT_STARTED: Final = "not_started"
_UNKNOWN: Final = "unknown"


def cluster(answers: Answers) -> ClusterStatus:
    """Return every node that somebody knows of, by name; this one at least."""
    fresh, reports = answers.fresh(), answers.reports()
    rows = [_member(answers, guid, ip, reports.get(guid), fresh) for guid, ip in _known(answers, reports).items()]
    return ClusterStatus(tuple(sorted(rows, key=lambda row: (row.name, row.ip))), _failures(answers))


def _known(answers: Answers, reports: Mapping[str, Report]) -> dict[str, str]:
    """Return the address of each node by GUID."""
    me = {answers.me.guid: answers.me.ip} if isinstance(answers.me, Whoami) else {}
    if not isinstance(answers.members, Failure):
        return me | {each.name or _NOT_STARTED: _address(each) for each in answers.members}
    heard = {guid: reports[guid].ip if guid in reports else _UNKNOWN for guid in answers.guids()}
    return heard | me


def _address(member: EtcdMember) -> str:
    host = urlsplit(member.peer_urls[0]).hostname if member.peer_urls else None
    return host or _UNKNOWN


def _member(answers: Answers, guid: str, ip: str, last: Report | None, fresh: Mapping[str, Report]) -> Member:
    report = fresh.get(guid)
    name = last.name if last else _own_name(answers, guid) or ip
    search = _search_role(answers, ip)
    if last is None or report is None:
        return Member(name, ip, guid, es=search or _UNKNOWN, seen_s=_age(answers, last) if last else None)
    return Member(
        name=name,
        ip=ip,
        guid=guid,
        role=report.role,
        pg=report.postgresql,
        es=search or report.search,
        follows=report.follows,
        eligible=report.eligible,
        seen_s=_age(answers, report),
        lag_bytes=_lag(ip, fresh),
        timeline=report.timeline or None,
        version=report.version,
        reason=report.reason,
    )


def _age(answers: Answers, report: Report) -> float:
    return round(max(0.0, answers.at - report.at), 1)


def _own_name(answers: Answers, guid: str) -> str:
    return answers.me.name if isinstance(answers.me, Whoami) and answers.me.guid == guid else ""


def _search_role(answers: Answers, ip: str) -> str:
    """Return what Elasticsearch's own list says of a node, "" when there is none."""
    if isinstance(answers.search_nodes, Failure):
        return ""
    found = next((node for node in answers.search_nodes if _same(node.ip, ip)), None)
    if found is None:
        return "offline"
    return "master" if found.master else "not_master"


def _same(one: str, other: str) -> bool:
    try:
        return ip_address(one) == ip_address(other)
    except ValueError:
        return one == other


def _lag(ip: str, fresh: Mapping[str, Report]) -> int | None:
    standbys = [each for report in fresh.values() if report.role == LEADER for each in report.standbys]
    return next((each.lag_bytes for each in standbys if _same(each.ip, ip)), None)


def _failures(answers: Answers) -> dict[str, Failure]:
    sources = {
        "leaderl": answers.leaderl,
        "etcd": answers.members,
        "elasticsearch": answers.search_nodes,
    }
    return {name: found for name, found in sources.items() if isinstance(found, Failure)}
