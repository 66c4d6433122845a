"""What a run is told of: for people, and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chef_backend.postgresql.running import Difference
from chef_backend.reconfigure.pending import POSTGRESQL
from chef_backend.reconfigure.run import Outcome
from chef_backend.resources.effects import Effect
from chef_backend.resources.plan import Plan
from chef_backend.resources.show import as_json, as_text
from chef_backend.tls.due import Reason


def preview_text(plan: Plan, certificate: Reason | None, *, hide_sensitive: bool) -> str:
    """Return what a run would do; it says so when that is nothing."""
    text = as_text(plan, hide_sensitive=hide_sensitive)
    if certificate is not None:
        text += f"certificate for replication: {certificate}, it would be made\n"
    return text or "Nothing would be changed.\n"


def preview_json(plan: Plan, certificate: Reason | None, *, hide_sensitive: bool) -> dict[str, Any]:
    """Return the same as a document."""
    return {**as_json(plan, hide_sensitive=hide_sensitive), "certificate": certificate and str(certificate)}


def closing_lines(outcome: Outcome) -> Iterator[str]:
    """Yield what is left to say after a run, above all what waits for a restart."""
    for notice in outcome.plan.notices:
        yield f"note: {notice.subject}: {notice.text}"
    for each in outcome.differences:
        if not each.pending_restart:
            yield f"warning: PostgreSQL runs with {_difference(each)}, set in {each.source}: that takes precedence"
    owed = outcome.receipt.pending.get(POSTGRESQL)
    if owed is not None and owed.effect is Effect.RESTART:
        waiting = [_difference(each) for each in outcome.differences if each.pending_restart]
        yield "PostgreSQL was not restarted. Until it is, it runs with " + (
            ", ".join(waiting) if waiting else f"what it had before the change of {', '.join(owed.because)}"
        )
        yield "hint: chef-backend-ctl reconfigure --apply-restarts, or chef-backend-ctl restart postgresql"


def _difference(each: Difference) -> str:
    return f"{each.name} = {each.running} (wanted: {each.wanted})"
