"""The files that reconfigure manages: whether they are as it made them, and the secret ones closed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chef_backend.base.plural import counted
from chef_backend.health.codes import DRIFT, SECRETS
from chef_backend.health.finding import Finding
from chef_backend.health.seen import Guarded, OnDisk, Seen, Served
from chef_backend.postgresql.running import Difference
from chef_backend.resources.plan import Plan
from chef_backend.status.model import Failure

_SHOWN: Final = 5
# https://www.postgresql.org/docs/15/sql-altersystem.html
_WRITTEN_BY_SQL: Final = "postgresql.auto.conf"
_OTHERS: Final = 0o077


def drift(seen: Seen) -> Iterator[Finding]:
    """Yield what a reconfigure would change, and what PostgreSQL runs with that nobody configured."""
    match seen.on_disk:
        case OnDisk(plan=Plan() as plan):
            yield judge(plan)
        case OnDisk(plan=Failure(reason=reason)) | Failure(reason=reason):
            yield DRIFT.warning("cannot be compared", evidence=reason)
        case _:
            yield DRIFT.unknown("not compared", evidence="chef-backend.rb or the node's state has mistakes")
    if isinstance(seen.served, Served):
        yield from (_overridden(each) for each in seen.served.differences if not each.pending_restart)


def judge(plan: Plan) -> Finding:
    """Judge a plan by what it would change; contents are not shown, they may be secret."""
    if plan.is_empty:
        return DRIFT.fine("as made")
    lines = [
        f"{change.verb} {change.subject}" + (f" ({change.note})" if change.note else "") for change in plan.changes
    ]
    rest = [f"and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    count = counted(len(lines), "change")
    evidence = "\n".join([*lines[:_SHOWN], *rest])
    return DRIFT.warning(f"{count} to make", evidence=evidence, fix="chef-backend-ctl reconfigure --dry-run")


def _overridden(each: Difference) -> Finding:
    evidence = f"{each.running} instead of {each.wanted}, set in {each.source}: that takes precedence"
    by_sql = each.source.endswith(_WRITTEN_BY_SQL)
    way = f"alter system reset {each.name}" if by_sql else f"take {each.name} out of {each.source}"
    fix = f"{way}; then chef-backend-ctl reconfigure."
    return DRIFT.warning(f"PostgreSQL's {each.name}", evidence=evidence, fix=fix)


def secrets(seen: Seen) -> Iterator[Finding]:
    """Yield the files with secrets that others than their owners may read."""
    if not isinstance(seen.on_disk, OnDisk):
        return
    open_ones = [each for each in seen.on_disk.guarded if is_open(each)]
    for each in open_ones:
        found, wanted = each.found, each.wanted
        yield SECRETS.critical(
            f"{each.path.name} is open",
            evidence=f"{each.path} is {found.owner}:{found.group} {found.mode:04o}",
            limit=f"{wanted.owner}:{wanted.group} {wanted.mode:04o}",
            fix="chef-backend-ctl reconfigure",
        )
    if not open_ones:
        yield SECRETS.fine(f"{counted(len(seen.on_disk.guarded), 'file')} closed")


def is_open(file: Guarded) -> bool:
    """Tell whether anybody may read or change it who should not."""
    found, wanted = file.found, file.wanted
    strange_group = found.group not in {wanted.group, "root"} and bool(found.mode & 0o070)
    return bool(found.mode & ~wanted.mode & _OTHERS) or found.owner not in {wanted.owner, "root"} or strange_group
