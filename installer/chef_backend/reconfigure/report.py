"""What a run is told of when it has ended."""

from __future__ import annotations

from collections.abc import Iterator

from chef_backend.postgresql.running import Difference
from chef_backend.reconfigure.pending import POSTGRESQL
from chef_backend.reconfigure.run import Outcome
from chef_backend.resources.change import Verb
from chef_backend.resources.effects import Effect


def closing_lines(outcome: Outcome) -> Iterator[str]:
    """Yield what is left to say after a run, above all what waits for a restart."""
    for change in outcome.plan.changes:
        if change.note and change.verb is not Verb.RUN:
            done = "it was removed" if change.verb is Verb.REMOVE else "it is as configured again"
            yield f"note: {change.subject}: {change.note}; {done}"
    for notice in outcome.plan.notices:
        yield f"note: {notice.subject}: {notice.text}"
    for each in outcome.differences:
        if not each.pending_restart:
            yield f"warning: PostgreSQL runs with {_difference(each)}, set in {each.source}: that takes precedence"
    if outcome.held_back_by:
        yield f"warning: PostgreSQL does not run: {outcome.held_back_by} keeps it from starting"
        return
    owed = outcome.receipt.pending.get(POSTGRESQL)
    if owed is not None and owed.effect is Effect.RESTART:
        waiting = [_difference(each) for each in outcome.differences if each.pending_restart]
        yield "PostgreSQL was not restarted. Until it is, it runs with " + (
            ", ".join(waiting) if waiting else f"what it had before the change of {', '.join(owed.because)}"
        )
        yield "hint: chef-backend-ctl reconfigure --apply-restarts, or chef-backend-ctl restart postgresql"


def _difference(each: Difference) -> str:
    return f"{each.name} = {each.running} (wanted: {each.wanted})"
