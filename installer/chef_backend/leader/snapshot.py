"""From a look and what followed from it to what others are told. Pure."""

from __future__ import annotations

from chef_backend.leader.decide import ineligible
from chef_backend.leader.model import Memory, Policy, Role, Snapshot, View


def snapshot(view: View, memory: Memory, policy: Policy, guid: str, reason: str) -> Snapshot:
    """Return what frontends and operators are told until the next look.

    Its `until` is when PostgreSQL would be stopped, which is before the leadership's own deadline: no frontend is to
    be sent to a server that is about to end.
    """
    held, record = memory.held, view.stored.record if view.stored else None
    followers = view.database.followers
    enough = followers >= policy.required_followers
    proven = held is not None and memory.proven_epoch == held.epoch and not view.database.gone and enough
    if held is not None and not enough and not reason:
        reason = f"{followers} followers stream, {policy.required_followers} are required"
    return Snapshot(
        role=memory.role,
        epoch=held.epoch if held else record.epoch if record else 0,
        until=held.deadline - policy.fence_s if held else 0.0,
        proven=proven,
        reason=reason,
        ineligible=ineligible(view, policy, guid),
        follows=record.leader if record and memory.role is Role.FOLLOWER else "",
        database=view.database,
        barrier=view.barrier,
        unsynced=view.unsynced,
    )
