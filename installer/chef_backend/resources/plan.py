"""From what is wanted and what is there to the least changes, in order. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chef_backend.base.errors import Conflict
from chef_backend.resources.change import Change, Notice, Verb
from chef_backend.resources.desired import Desired
from chef_backend.resources.diff import EDITED, Impossible, diff, drift
from chef_backend.resources.effects import Effect, merged, strongest
from chef_backend.resources.host import Kind, Observed
from chef_backend.resources.model import Absent, Directory, File, Placed, Symlink
from chef_backend.resources.receipt import Entry, Receipt
from chef_backend.resources.view import View


@dataclass(frozen=True, slots=True)
class Plan:
    """The changes in order, what is left alone and why, and the receipt before and after."""

    changes: tuple[Change, ...]
    notices: tuple[Notice, ...]
    before: Receipt
    after: Mapping[Path, tuple[Entry, ...]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing on the host is to be changed (services may still owe a reload or restart: `effects`)."""
        return not self.changes

    @property
    def effects(self) -> dict[str, Effect]:
        """What each service needs once the changes are made, with what it owes from earlier runs."""
        owed = {service: item.effect for service, item in self.before.pending.items()}
        for change in self.changes:
            owed = merged(owed, change.effects)
        return owed


def make_plan(desired: Desired, view: View, receipt: Receipt) -> Plan:
    """Return the least changes that make the host as desired.

    Accounts come first, then places (parents before children), removals (children before parents), actions.
    Raises Conflict, which lists everything that is in the way.
    """
    problems = [*_account_problems(desired, view), *_parent_problems(desired, view), *_owner_problems(desired, view)]
    changes = [*_accounts(desired, view)]
    for item in desired.places.values():
        states = receipt.entries.get(item.path, ())
        try:
            change = diff(item, view, states)
        except Impossible as error:
            problems.append(str(error))
            continue
        if change is not None:
            changes.append(_noted(change, drift(item, view, states)))
            problems += _unreachable(change, view, receipt)
    if problems:
        raise Conflict(
            "\n".join(["this node cannot become as wanted; nothing was changed:", *(f"  {line}" for line in problems)]),
            hint="make what must be there, move away what is in the way, then run the command again",
        )
    removals, notices, kept = _removals(desired, view, receipt)
    changes += removals
    changes += _actions(desired, changes, receipt)
    after = kept | {path: (_entry(item),) for path, item in desired.places.items() if _is_ours(item, view, receipt)}
    return Plan(tuple(changes), tuple(notices), receipt, after)


def _noted(change: Change, note: str) -> Change:
    return Change(
        change.verb, change.resource, change.found, change.differences, change.effects, note, hidden=change.hidden
    )


def _unreachable(change: Change, view: View, receipt: Receipt) -> Iterator[str]:
    """Yield why a link to a folder must stay: what was written behind it could not be removed any more."""
    item = change.resource
    if change.found.kind is Kind.LINK and isinstance(item, File | Symlink | Absent):
        below = [path for path in receipt.entries if item.path in path.parents]
        left = [path for path in below if view.places[path].kind is not Kind.MISSING]
        if left:
            yield f"{item.path} is a link to the folder of {left[0]}, which is ours; it stays while that is there"


def _accounts(desired: Desired, view: View) -> Iterator[Change]:
    for group in desired.groups:
        if view.groups[group.name] is None:
            yield Change(Verb.CREATE, group)
    for user in desired.users:
        if view.users[user.name] is None:
            yield Change(Verb.CREATE, user)


def _account_problems(desired: Desired, view: View) -> Iterator[str]:
    for user in desired.users:
        found = view.users[user.name]
        if found is not None and found.uid == 0:
            yield f"user {user.name} has id 0: it is root under another name"


def _owner_problems(desired: Desired, view: View) -> Iterator[str]:
    made_users, made_groups = {item.name for item in desired.users}, {item.name for item in desired.groups}
    owned = [item for item in desired.places.values() if isinstance(item, File | Directory)]
    groups = [*(item.group for item in owned), *(item.group for item in desired.users)]
    for name in dict.fromkeys(item.owner for item in owned):
        if view.users[name] is None and name not in made_users:
            yield f"there is no user {name}"
    for name in dict.fromkeys(groups):
        if view.groups[name] is None and name not in made_groups:
            yield f"there is no group {name}"


def _parent_problems(desired: Desired, view: View) -> Iterator[str]:
    for parent in dict.fromkeys(path.parent for path, item in desired.places.items() if not isinstance(item, Absent)):
        if parent not in desired.places and view.places[parent].kind is not Kind.FOLDER:
            kind = view.places[parent].kind
            yield f"{parent} {'does not exist' if kind is Kind.MISSING else f'is a {kind}'}; a folder must be there"


def _removals(
    desired: Desired, view: View, receipt: Receipt
) -> tuple[list[Change], list[Notice], dict[Path, tuple[Entry, ...]]]:
    """Return removals (children first), what is kept, and the entries that stay in the receipt for that."""
    changes: list[Change] = []
    notices: list[Notice] = []
    kept: dict[Path, tuple[Entry, ...]] = {}
    strays = {
        folder / name: effects
        for folder, effects in desired.exact.items()
        for name in view.listings[folder]
        if folder / name not in desired.places and not name.startswith(".")
    }
    gone = {path for path in receipt.entries if path not in desired.places}
    removed: set[Path] = set()
    for path in sorted(gone | set(strays), key=lambda item: (-len(item.parts), item)):
        found, states = view.places[path], receipt.entries.get(path, ())
        in_exact = path in strays and not (states and found.kind is Kind.FOLDER)
        reason = _reason_in_exact(found) if in_exact else _reason_to_keep(path, found, view, states, removed)
        if found.kind is Kind.MISSING:
            continue
        if found.kind is Kind.FOLDER and any(path in wanted.parents for wanted in desired.places):
            kept |= {path: states}
            continue
        if reason:
            notices.append(Notice(str(path), reason))
            kept |= {path: states} if states else {}
            continue
        removed.add(path)
        note = "" if states and view.is_content_of(found, states) else "not made by chef-backend"
        note = f"{EDITED}" if states and note else note
        effects = strongest(strays.get(path, ()))
        # Its owner said who may read it: what others may not read is not shown in a plan either.
        hidden = not found.mode & 0o004
        changes.append(Change(Verb.REMOVE, Absent(path=path), found, effects=effects, note=note, hidden=hidden))
    return changes, notices, kept


def _reason_to_keep(path: Path, found: Observed, view: View, states: tuple[Entry, ...], removed: set[Path]) -> str:
    """Return why something that is no longer wanted must stay; "" when it is ours and as we left it."""
    if found.kind is Kind.FOLDER and any(state.kind is Kind.FOLDER for state in states):
        left = [name for name in view.listings.get(path, ()) if path / name not in removed]
        return f"no longer wanted, but not empty (it holds {left[0]})" if left else ""
    return "" if view.is_content_of(found, states) else f"no longer wanted, but {EDITED}: remove it by hand"


def _reason_in_exact(found: Observed) -> str:
    allowed = {Kind.FILE, Kind.LINK, Kind.MISSING}
    return "" if found.kind in allowed else f"only files belong in its folder, this is a {found.kind}"


def _actions(desired: Desired, changes: list[Change], receipt: Receipt) -> Iterator[Change]:
    changed = {change.subject for change in changes}
    for action in desired.actions:
        because = [str(path) for path in action.when if str(path) in changed]
        if because:
            yield Change(Verb.RUN, action, note=f"because of {', '.join(because)}")
        elif action.name in receipt.actions:
            yield Change(Verb.RUN, action, note="an earlier run ended before it")


def _is_ours(item: Placed, view: View, receipt: Receipt) -> bool:
    """Tell whether the receipt lists it: a folder that others made is never ours to remove."""
    if isinstance(item, Absent):
        return False
    made = item.path in receipt.entries or view.places[item.path].kind is Kind.MISSING
    return made or not isinstance(item, Directory)


def _entry(item: Placed) -> Entry:
    match item:
        case File():
            return Entry(Kind.FILE, item.owner, item.group, item.mode, sha256=item.sha256)
        case Directory():
            return Entry(Kind.FOLDER, item.owner, item.group, item.mode)
        case Symlink():
            return Entry(Kind.LINK, target=item.target)
        case Absent():
            raise ValueError(f"{item.path} is to be absent, and has no entry")
