"""One wanted thing against what is there. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import assert_never

from chef_backend.resources.change import Change, Difference, Verb
from chef_backend.resources.effects import Effect, ServiceEffect, strongest
from chef_backend.resources.host import Kind, Observed
from chef_backend.resources.model import Absent, Directory, File, Placed, Symlink
from chef_backend.resources.receipt import Entry
from chef_backend.resources.view import View

EDITED = "edited since the last reconfigure"


class Impossible(Exception):
    """What is there must not be replaced; the plan collects these into one Conflict."""


def diff(wanted: Placed, view: View, states: tuple[Entry, ...] = ()) -> Change | None:
    """Return what makes the host have `wanted`, None when it has; `states` are the receipt's for this path.

    Raises Impossible where something is in the way that the engine must not remove.
    """
    found = view.places[wanted.path]
    match wanted:
        case File():
            change = _file(wanted, found, view)
        case Directory():
            change = _folder(wanted, found, view)
        case Symlink():
            change = _link(wanted, found, view, states)
        case Absent():
            change = _absent(wanted, found, view)
        case _:
            assert_never(wanted)
    return change


def drift(wanted: Placed, view: View, states: tuple[Entry, ...]) -> str:
    """Return in words that somebody else changed what the receipt says was written; "" otherwise."""
    found = view.places[wanted.path]
    if not states:
        foreign = found.kind is Kind.FILE and isinstance(wanted, File) and found.sha256 != wanted.sha256
        return "was there before, and not made by chef-backend" if foreign else ""
    if found.kind is Kind.MISSING:
        return "removed since the last reconfigure"
    if view.is_as(found, states):
        return ""
    if view.is_content_of(found, states):
        return "owner or mode changed since the last reconfigure"
    at = datetime.fromtimestamp(found.changed_at, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    return f"{EDITED} (at {at}; its owner is {view.owner_of(found)})"


def _file(wanted: File, found: Observed, view: View) -> Change | None:
    if found.kind in {Kind.FOLDER, Kind.OTHER}:
        raise Impossible(f"{wanted.path} is a {found.kind}; a file is wanted there")
    if found.kind is Kind.MISSING:
        return Change(
            Verb.CREATE, wanted, found, _access(wanted, None, view), _effects(wanted, None), hidden=wanted.hidden
        )
    same = found.kind is Kind.FILE and found.sha256 == wanted.sha256
    differences = [*_type(wanted, found), *_access(wanted, found, view)]
    if same and not differences:
        return None
    if not same:
        differences.append(Difference("content"))
    old = found.content if found.kind is Kind.FILE else None
    # A change of owner or mode alone is nothing that a running service notices.
    effects = {} if same else _effects(wanted, old)
    return Change(Verb.UPDATE, wanted, found, tuple(differences), effects, hidden=wanted.hidden)


def _folder(wanted: Directory, found: Observed, view: View) -> Change | None:
    if found.kind is Kind.MISSING:
        return Change(Verb.CREATE, wanted, found, _access(wanted, None, view))
    if found.kind is not Kind.FOLDER:
        raise Impossible(f"{wanted.path} is a {found.kind}; a folder is wanted there")
    differences = _access(wanted, found, view)
    return Change(Verb.UPDATE, wanted, found, differences) if differences else None


def _link(wanted: Symlink, found: Observed, view: View, states: tuple[Entry, ...]) -> Change | None:
    effects = strongest(wanted.effects)
    new = Difference("target", found.target, wanted.target)
    match found.kind:
        case Kind.MISSING:
            return Change(Verb.CREATE, wanted, found, (new,), effects)
        case Kind.LINK:
            return None if found.target == wanted.target else Change(Verb.UPDATE, wanted, found, (new,), effects)
        case Kind.FILE if view.is_content_of(found, states):
            return Change(Verb.UPDATE, wanted, found, (*_type(wanted, found), new), effects)
        case _:
            raise Impossible(f"{wanted.path} is a {found.kind}; a link to {wanted.target} is wanted there")


def _absent(wanted: Absent, found: Observed, view: View) -> Change | None:
    if found.kind is Kind.MISSING:
        return None
    if found.kind is Kind.FOLDER and view.listings.get(wanted.path):
        raise Impossible(f"{wanted.path} is a folder that is not empty; nothing is wanted there")
    return Change(Verb.REMOVE, wanted, found, effects=strongest(wanted.effects))


def _type(wanted: File | Symlink, found: Observed) -> tuple[Difference, ...]:
    kind = Kind.FILE if isinstance(wanted, File) else Kind.LINK
    return () if found.kind is kind else (Difference("type", found.kind, kind),)


def _access(wanted: File | Directory, found: Observed | None, view: View) -> tuple[Difference, ...]:
    """Return owner, group and mode where they differ; all of them when there is nothing yet."""
    if found is None:
        pairs = [("owner", "", wanted.owner), ("group", "", wanted.group), ("mode", "", f"{wanted.mode:04o}")]
        return tuple(Difference(*pair) for pair in pairs)
    if found.kind is Kind.LINK:
        return ()
    user = view.users.get(wanted.owner)
    pairs = []
    if user is None or user.uid != found.uid:
        pairs.append(("owner", view.owner_of(found), wanted.owner))
    if view.groups.get(wanted.group) != found.gid:
        pairs.append(("group", view.group_of(found), wanted.group))
    if wanted.mode != found.mode:
        pairs.append(("mode", f"{found.mode:04o}", f"{wanted.mode:04o}"))
    return tuple(Difference(*pair) for pair in pairs)


def _effects(wanted: File, old: bytes | None) -> dict[str, Effect]:
    effects: Iterable[ServiceEffect] = wanted.effects(old, wanted.data) if callable(wanted.effects) else wanted.effects
    return strongest(effects)
