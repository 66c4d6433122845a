"""Services that run with older settings or older code than are there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chef_backend.health.codes import RESTART
from chef_backend.health.finding import Finding
from chef_backend.health.seen import Seen, Served
from chef_backend.status.model import Failure, Restart


def restarts(seen: Seen) -> Iterator[Finding]:
    """Yield the restarts that are due, by the receipt and by PostgreSQL itself."""
    due: Sequence[Restart] | Failure = () if isinstance(seen.answers, Failure) else seen.answers.restarts
    if isinstance(due, Failure):
        yield RESTART.unknown("not told", evidence=due.reason)
        return
    known = {each.service for each in due}
    more = [each for each in _of_postgresql(seen) if each.service not in known]
    for each in (*due, *more):
        yield RESTART.warning(f"{each.service} is due", evidence=", ".join(each.because), fix=each.command)
    if not (due or more):
        yield RESTART.fine("none due")


def _of_postgresql(seen: Seen) -> Iterator[Restart]:
    differences = seen.served.differences if isinstance(seen.served, Served) else ()
    waiting = tuple(each.name for each in differences if each.pending_restart)
    if waiting:
        yield Restart("postgresql", waiting, "chef-backend-ctl restart postgresql")
