"""Whether a backup may be made on this node. Pure."""

from __future__ import annotations

from chef_backend.base.errors import Conflict


def require_allowed(*, leads: bool, others: tuple[str, ...] | None, force: bool) -> None:
    """Return where a backup may be made: on a follower, on the only node of a cluster, and by force on any.

    `others` are the addresses of the cluster's other nodes, None where etcd does not tell. Raises Conflict.
    """
    if force or not leads or others == ():
        return
    if others is None:
        raise Conflict(
            "this node is the leader, and etcd does not tell whether there are followers; nothing was done",
            hint="look at chef-backend-ctl status etcd; to make the backup here all the same add --force",
        )
    raise Conflict(
        "this node is the leader, which the frontends' work should not share with a backup; nothing was done",
        hint=f"make it on a follower ({', '.join(others)}), or here by --force",
    )
