"""``omnibuild why``: what makes a component be built anew."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict

import click

from omnibuild.cachekey import Change
from omnibuild.commands.options import component_argument, json_option, stored_options
from omnibuild.commands.session import Session
from omnibuild.pipeline.why import Inquiry, Reason

_DIGEST = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{52}\b")
_LONGEST = 160
_STATES = {
    "stored": "in the store",
    "new": "was never built in this line-up here",
    "changed": "will be built",
    "unfetched": "will be built: its source was not fetched yet, so its bytes are not known",
    "lost": "will be built: nothing changed, but its result is no longer in the store",
}


@click.command()
@component_argument("component")
@stored_options
@json_option
def command(session: Session, *, component: str, as_json: bool) -> None:
    """Say why COMPONENT would be built now, compared with the last time it was."""
    (name,) = session.components((component,))
    reason = Inquiry(session.planner, session.store, session.sources).why(name)
    click.echo(json.dumps(asdict(reason), indent=2) if as_json else "\n".join(text(reason)))


def text(reason: Reason, indent: str = "") -> Iterator[str]:
    """Yield the reason as lines: what changed, then what changed in that."""
    yield f"{indent}{reason.name} {reason.version}: {_STATES[reason.state]}"
    for change in reason.changes:
        yield f"{indent}  {_line(change)}"
        need = change.input.removeprefix("dependency ")
        for deeper in (reason.because or {}).get(need, ()):
            yield f"{indent}    because {_line(deeper)}"
    for first in reason.waits_for:
        yield f"{indent}  needs {first.name}, which comes first:"
        yield from text(first, f"{indent}    ")


def _line(change: Change) -> str:
    if change.before is None:
        return f"{change.input}: new, {_short(change.after)}"
    if change.after is None:
        return f"{change.input}: gone, was {_short(change.before)}"
    return f"{change.input}: {_short(change.before)} → {_short(change.after)}"


def _short(value: str | None) -> str:
    brief = _DIGEST.sub(r"\1", value or '""')
    return brief if len(brief) <= _LONGEST else f"{brief[:_LONGEST]}…"
