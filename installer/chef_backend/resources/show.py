"""Plans for people, and for programs."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from chef_backend.base.log import printable
from chef_backend.resources.change import Change, Difference, Verb
from chef_backend.resources.host import Kind
from chef_backend.resources.model import Action, File
from chef_backend.resources.plan import Plan

FORMAT = 1
_MAX_LINES = 200
_MARGIN = 10


def as_text(plan: Plan, *, hide_sensitive: bool = True) -> str:
    """Return the plan line by line, ending with what each service needs; "" when there is nothing to say."""
    lines = [line for change in plan.changes for line in _change_lines(change, hide_sensitive=hide_sensitive)]
    lines += [f"{'keep':<{_MARGIN}}{printable(notice.subject)}: {notice.text}" for notice in plan.notices]
    if plan.effects:
        lines += ["", "services:"]
        width = max(map(len, plan.effects))
        lines += [f"  {service:<{width}}  {effect}" for service, effect in plan.effects.items()]
    return "".join(f"{line}\n" for line in lines)


def as_json(plan: Plan, *, hide_sensitive: bool = True) -> dict[str, Any]:
    """Return the plan as a document: `format`, `changes`, `notices`, `effects`, `pending`."""
    return {
        "format": FORMAT,
        "empty": plan.is_empty,
        "changes": [_change_document(change, hide_sensitive=hide_sensitive) for change in plan.changes],
        "notices": [{"subject": notice.subject, "text": notice.text} for notice in plan.notices],
        "effects": {service: str(effect) for service, effect in plan.effects.items()},
        "pending": {service: str(item.effect) for service, item in sorted(plan.before.pending.items())},
    }


def content_diff(change: Change, *, hide_sensitive: bool = True) -> list[str]:
    """Return a unified diff of a file's content, or one line that says why there is none; [] if it does not change."""
    item = change.resource
    new_file = change.verb is Verb.CREATE and isinstance(item, File)
    if not isinstance(item, File) or not (new_file or any(each.what == "content" for each in change.differences)):
        return []
    # What others may not read was not made to be shown: an operator's own file may hold a password.
    private = change.found.kind is Kind.FILE and not change.found.mode & 0o004 and item.mode & 0o004
    if hide_sensitive and (change.hidden or private):
        return ["(content hidden)"] if new_file else ["(content differs, hidden)"]
    try:
        old, new = change.found.content.decode(), item.data.decode()
    except UnicodeDecodeError:
        return [f"(binary content, {len(change.found.content)} bytes → {len(item.data)} bytes)"]
    lines = list(difflib.unified_diff(old.splitlines(), new.splitlines(), "is", "will be", lineterm="", n=1))
    shown = [printable(line) for line in lines[:_MAX_LINES]]
    return shown + ([f"(and {len(lines) - _MAX_LINES} lines more)"] if len(lines) > _MAX_LINES else [])


def _change_lines(change: Change, *, hide_sensitive: bool) -> Iterator[str]:
    about = change.kind
    if change.verb is Verb.CREATE:
        values = {each.what: each.new for each in change.differences}
        if "owner" in values:
            about += f" {values['owner']}:{values['group']} {values['mode']}"
        elif "target" in values:
            about += f" to {values['target']}"
    if isinstance(change.resource, Action):
        about = " ".join(change.resource.argv)
    elif change.verb is Verb.REMOVE:
        about = change.found.kind
    effects = "".join(f", {service}: {effect}" for service, effect in change.effects.items())
    yield f"{change.verb:<{_MARGIN}}{printable(change.subject)} ({about}{effects})"
    if change.note:
        yield f"{'':{_MARGIN}}note: {printable(change.note)}"
    if change.verb is Verb.UPDATE:
        yield from (
            f"{'':{_MARGIN}}{each.what} {_value(each.old)} → {_value(each.new)}"
            for each in change.differences
            if each.what != "content"
        )
        yield from (f"{'':{_MARGIN}}{line}" for line in content_diff(change, hide_sensitive=hide_sensitive))


def _change_document(change: Change, *, hide_sensitive: bool) -> dict[str, Any]:
    document: dict[str, Any] = {
        "verb": str(change.verb),
        "kind": change.kind,
        "subject": change.subject,
        "differences": [_difference(each) for each in change.differences],
        "effects": {service: str(effect) for service, effect in change.effects.items()},
        "note": change.note,
        "hidden": change.hidden,
    }
    if isinstance(change.resource, Action):
        document["argv"] = list(change.resource.argv)
    if content := content_diff(change, hide_sensitive=hide_sensitive):
        document["content"] = content
    return document


def _difference(each: Difference) -> dict[str, str]:
    return {"what": each.what} if each.what == "content" else {"what": each.what, "old": each.old, "new": each.new}


def _value(text: str) -> str:
    return printable(text) or "(none)"
