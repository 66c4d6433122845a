"""Make a plan's changes one by one, so that any end in between is a state the next run goes on from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import assert_never

from chef_backend.base.errors import Conflict
from chef_backend.base.folders import Access
from chef_backend.resources.change import Change, Verb
from chef_backend.resources.host import MISSING, Host, Kind
from chef_backend.resources.model import Absent, Action, Directory, File, Group, Symlink, User
from chef_backend.resources.plan import Plan
from chef_backend.resources.receipt import Entry, Receipt, parse, render

RECEIPT_MODE = 0o600  # checksums of short passwords could be tried out


@dataclass(frozen=True, slots=True)
class Step:
    """Progress: a change that begins or (`done`) was made; `number` counts from 1."""

    number: int
    total: int
    change: Change
    done: bool


def apply(
    plan: Plan,
    host: Host,
    *,
    receipt: Path,
    now: Callable[[], float],
    on_step: Callable[[Step], None] = lambda _step: None,
) -> Receipt:
    """Make the changes and return the receipt that was left at the path `receipt`.

    What services need for the changes is recorded before the first of them as `pending`, until
    `Receipt.without_pending` says it was done. It is pending since the last change (`now`, in seconds of the epoch): a
    service that started between the first and the last may have read an old file.
    """
    during = _during(plan, now())
    if plan.changes:
        _write(host, receipt, during)
    for number, change in enumerate(plan.changes, 1):
        on_step(Step(number, len(plan.changes), change, done=False))
        _make(change, host)
        on_step(Step(number, len(plan.changes), change, done=True))
    if not plan.before.finished:
        _remove_leftovers(plan, host)
    after = replace(during, entries=plan.after, actions=(), finished=True).since(_touched(plan), now())
    if plan.changes or after != plan.before:
        _write(host, receipt, after)
    return after


def read_receipt(host: Host, path: Path) -> Receipt:
    """Return the receipt at `path`, an empty one when there is none; Conflict when it is damaged."""
    found = host.observe(path)
    if found.kind is Kind.MISSING:
        return Receipt()
    if found.kind is not Kind.FILE:
        raise Conflict(f"{path} is a {found.kind}, not the receipt that belongs there", hint="move it away")
    return parse(found.content, path)


def write_receipt(host: Host, path: Path, receipt: Receipt) -> None:
    """Replace the receipt at `path`: after a service did what was pending."""
    _write(host, path, receipt)


def _during(plan: Plan, now: float) -> Receipt:
    """Return the receipt for the time of the changes: every path may be as it was, or as it is to be."""
    paths = dict.fromkeys([*plan.before.entries, *plan.after])
    entries: dict[Path, tuple[Entry, ...]] = {}
    for path in paths:
        states = [*plan.before.entries.get(path, ()), *plan.after.get(path, ())]
        entries[path] = tuple(dict.fromkeys(states))
    because: dict[str, tuple[str, ...]] = {}
    for change in plan.changes:
        for service, effect in change.effects.items():
            if effect is plan.effects[service]:  # what a reload is enough for is no reason for a restart
                because[service] = (*because.get(service, ()), change.subject)
    effects = {service: effect for service, effect in plan.effects.items() if service in because}
    actions = tuple(change.subject for change in plan.changes if change.verb is Verb.RUN)
    begun = plan.before.since(_touched(plan), now)
    begun = replace(begun, entries=entries, actions=actions, finished=False)
    return begun.with_pending(effects, because, now)


def _touched(plan: Plan) -> frozenset[str]:
    """Return the services of which a file changes in this run, or was to change in the one that ended too early."""
    now = {service for change in plan.changes for service in change.effects}
    pending = plan.before.pending
    latest = max((item.since for item in pending.values()), default=0.0)
    before = set() if plan.before.finished else {name for name, item in pending.items() if item.since == latest}
    return frozenset(now | before)


def _make(change: Change, host: Host) -> None:
    match change.resource:
        case File() as item:
            host.write_file(item.path, item.data, _access(host, item))
        case Directory() as item:
            host.make_folder(item.path, _access(host, item))
        case Symlink() as item:
            host.write_link(item.path, item.target)
        case Absent() as item:
            (host.remove_folder if change.found.kind is Kind.FOLDER else host.remove_file)(item.path)
        case Group() as item:
            host.add_group(item)
        case User() as item:
            host.add_user(item)
        case Action() as item:
            host.run(item)
        case _:
            assert_never(change.resource)


def _access(host: Host, item: File | Directory) -> Access:
    user, gid = host.user(item.owner), host.group(item.group)
    if user is None or gid is None:
        missing = f"user {item.owner}" if user is None else f"group {item.group}"
        raise Conflict(f"there is no {missing}, who is to own {item.path}", hint="run `chef-backend-ctl reconfigure`")
    return Access(user.uid, gid, item.mode)


def _write(host: Host, path: Path, receipt: Receipt) -> None:
    """Write the receipt, and the folders on the way to it, root's alone, where they are missing."""
    missing = [parent for parent in path.parents if host.observe(parent, through_link=True) == MISSING]
    for folder in reversed(missing):
        host.make_folder(folder, Access(0, 0, 0o700 if folder == path.parent else 0o755))
    host.write_file(path, render(receipt), Access(0, 0, RECEIPT_MODE))


def _remove_leftovers(plan: Plan, host: Host) -> None:
    for folder in dict.fromkeys(path.parent for path in plan.before.entries):
        if host.observe(folder, through_link=True).kind is Kind.FOLDER:
            host.remove_leftovers(folder)
