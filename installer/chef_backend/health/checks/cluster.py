"""What the cluster's parts say of each other: the leader, PostgreSQL and its copies, Elasticsearch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chef_backend.health.codes import LEADER, POSTGRESQL, SEARCH
from chef_backend.health.finding import Finding
from chef_backend.health.seen import Seen, Served
from chef_backend.leader.model import Role
from chef_backend.status.answers import Answers, Told
from chef_backend.status.distributed import distributed
from chef_backend.status.model import Failure, Replication
from chef_backend.status.report import Report

# While leaderl makes up its mind, PostgreSQL may be up without being anybody's.
_DECIDING: Final = frozenset({Role.INITIALIZING, Role.PROMOTING, Role.LEADER})


def leader(seen: Seen) -> Iterator[Finding]:
    """Yield who leads, and whether frontends are sent there."""
    if isinstance(seen.answers, Failure):
        yield LEADER.unknown("not told", evidence=seen.answers.reason)
        return
    reports = seen.answers.fresh().values()
    found = next((report for report in reports if report.role == Role.LEADER), None)
    if found is None:
        silence = seen.answers.leaderl
        told = [f"{report.name} is {report.role}{_because(report)}" for report in reports]
        told += [silence.reason] if isinstance(silence, Failure) else []
        yield LEADER.critical("none", evidence="\n".join(told))
    elif not found.leads:
        evidence = f"leaderl of {found.name} answers 503{_because(found)}; its PostgreSQL is {found.postgresql}"
        yield LEADER.critical(f"{found.name}, not open", evidence=evidence)
    else:
        yield LEADER.fine(f"{found.name} ({found.ip})")


def postgresql(seen: Seen) -> Iterator[Finding]:
    """Yield how this node's server does, and those that copy from the leader; a service that is down has its own."""
    answers = seen.answers
    if isinstance(answers, Failure) or not _is_up(answers, "postgresql"):
        return
    if isinstance(seen.served, Failure):
        yield POSTGRESQL.critical("no answer", evidence=seen.served.reason)
        return
    if isinstance(seen.served, Served) and not seen.served.readiness.is_ready:
        yield POSTGRESQL.critical("no answer", evidence=seen.served.readiness.reason)
        return
    if isinstance(answers.leaderl, Told) and _is_unfenced(answers.leaderl):
        yield POSTGRESQL.critical(
            "open without leading",
            evidence=f"it takes writes, and leaderl says {answers.leaderl.own.role}: they will be lost",
            fix="chef-backend-ctl tail leaderl",
        )
        return
    yield from _copies(distributed(answers).postgresql)


def search(seen: Seen) -> Iterator[Finding]:
    """Yield Elasticsearch's own colour; alone, a node has nowhere to put copies, and yellow is as good as green."""
    answers = seen.answers
    if isinstance(answers, Failure) or not _is_up(answers, "elasticsearch"):
        return
    found = distributed(answers).elasticsearch
    if isinstance(found, Failure):
        yield SEARCH.critical("no answer", evidence=found.reason)
    elif found.state == "red":
        yield SEARCH.critical("red")
    elif found.nodes < found.total or (found.state != "green" and found.total > 1):
        yield SEARCH.warning(found.state, evidence=f"{found.nodes} of {found.total} nodes are there")
    else:
        yield SEARCH.fine(found.state, evidence=f"{found.nodes} of {found.total} nodes are there")


def _copies(found: Replication | Failure) -> Iterator[Finding]:
    if isinstance(found, Failure):
        yield POSTGRESQL.fine("answers", evidence=found.reason)
        return
    total = found.offline + found.syncing + found.synced
    if found.synced < total:
        yield POSTGRESQL.warning(f"{found.synced} of {total} copies in step")
    else:
        yield POSTGRESQL.fine(f"answers, {total} of {total} copies in step" if total else "answers")


def _because(report: Report) -> str:
    return f": {report.reason}" if report.reason else ""


def _is_unfenced(told: Told) -> bool:
    return told.own.postgresql == "unfenced" and told.own.role not in _DECIDING


def _is_up(answers: Answers, service: str) -> bool:
    state = answers.services.get(service)
    return state is not None and state.is_up
