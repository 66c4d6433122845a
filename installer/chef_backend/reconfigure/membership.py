"""Whether this node is in a cluster, from what is on its disk."""

from __future__ import annotations

import json
from enum import StrEnum

from chef_backend.base.errors import Conflict, NotAMember
from chef_backend.base.folders import Access
from chef_backend.base.paths import Paths
from chef_backend.resources.host import Host, Kind

FORMAT = 1
_MARKER = Access(0, 0, 0o644)


class Membership(StrEnum):
    """What this node is to a cluster."""

    NONE = "none"
    CREATING = "creating"  # create-cluster has begun here, and did not end
    RESTORING = "restoring"  # restore has begun here, and its data is not in place
    MEMBER = "member"


def membership(host: Host, paths: Paths) -> Membership:
    """Return what this node is: a member has a receipt, and no command on the way to it is unfinished.

    It has etcd's data, too, or has lost it: then etcd is enabled, and PostgreSQL's data is the cluster's still.
    Conflict when the note of such a command is damaged.
    """
    found = host.observe(paths.unfinished)
    if found.kind is not Kind.MISSING:
        return _noted(found.content, paths)
    is_in_one = has_etcds_data(host, paths) or host.observe(paths.service / "etcd").kind is Kind.LINK
    has_receipt = host.observe(paths.receipt).kind is Kind.FILE
    return Membership.MEMBER if is_in_one and has_receipt else Membership.NONE


def has_etcds_data(host: Host, paths: Paths) -> bool:
    """Tell whether what etcd knows of the cluster is on this node."""
    return host.observe(paths.etcd_member, through_link=True).kind is Kind.FOLDER


def require_member(found: Membership) -> None:
    """Raise NotAMember, with the command that this node waits for, unless it is a member."""
    match found:
        case Membership.CREATING:
            raise NotAMember(
                "a cluster was begun to be made on this node, and is not finished",
                hint="run chef-backend-ctl create-cluster again: it goes on where it ended",
            )
        case Membership.RESTORING:
            raise NotAMember(
                "a backup was begun to be restored on this node, and its data is not in place",
                hint="run chef-backend-ctl restore again, with the same archive",
            )
        case Membership.NONE:
            raise NotAMember("this node is in no cluster", hint="run chef-backend-ctl create-cluster first")
        case Membership.MEMBER:
            pass


def note_creating(host: Host, paths: Paths) -> None:
    """Note that a cluster is being made here: before the first change that only a cluster needs."""
    _note(host, paths, Membership.CREATING)


def note_restoring(host: Host, paths: Paths) -> None:
    """Note that a backup is being restored here: before the first change, and until its data is in place."""
    _note(host, paths, Membership.RESTORING)


def note_finished(host: Host, paths: Paths) -> None:
    """Remove the note: from here on this node is what its data says."""
    host.remove_file(paths.unfinished)


def _note(host: Host, paths: Paths, doing: Membership) -> None:
    document = {"format": FORMAT, "doing": doing}
    host.write_file(paths.unfinished, json.dumps(document).encode() + b"\n", _MARKER)


def _noted(content: bytes, paths: Paths) -> Membership:
    try:
        return Membership(json.loads(content)["doing"])
    except (ValueError, KeyError, TypeError):
        raise Conflict(
            f"{paths.unfinished} is damaged, so it is not known which command was interrupted on this node",
            hint=f"if this node was in a cluster before, remove it: rm {paths.unfinished}",
        ) from None
