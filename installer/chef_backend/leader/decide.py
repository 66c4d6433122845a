"""From one look at the world to the next act. Pure: the same view and memory give the same decision.

The record in etcd is changed by compare-and-swap only, so of two nodes that campaign one wins. What this module adds
is time: a holder stops before its deadline, others wait until after it, each by its own clock.
"""

from __future__ import annotations

from dataclasses import replace

from chef_backend.leader.model import Act, Barrier, Decision, Held, Memory, Policy, Record, Role, View


def decide(view: View, memory: Memory, policy: Policy, guid: str) -> Decision:
    """Return what the node `guid` does next."""
    memory = _noticed(view, memory)
    if memory.held is not None:
        return _as_holder(view, memory, memory.held, policy, guid)
    return _campaign(view, memory, policy, guid) or _without_leadership(view, memory, policy, guid)


def won(memory: Memory, held: Held) -> Memory:
    """Return the memory after this node got or renewed the record."""
    is_new = memory.held is None or memory.held.epoch != held.epoch
    role = Role.PROMOTING if is_new else memory.role
    return replace(memory, held=held, role=role, seen_revision=held.revision, failures=0 if is_new else memory.failures)


def resumed(held: Held | None) -> Memory:
    """Return the memory of a leaderl that begins, with the leadership of the one before it, if that still holds."""
    return Memory() if held is None else Memory(Role.PROMOTING, held, seen_revision=held.revision)


def lost(memory: Memory, role: Role = Role.DEPOSED) -> Memory:
    """Return the memory after another node got the record, or this one gave it up."""
    return replace(memory, held=None, role=role, proven_epoch=0)


def ineligible(view: View, policy: Policy, guid: str) -> str:
    """Return why this node may not stand for election, "" when it may."""
    record = view.stored.record if view.stored else None
    if view.unsynced:
        return "a copy from a leader began and did not end (the file unsynced)"
    if view.barrier is Barrier.FOREIGN:
        return "PostgreSQL may not start: remove the file no-start-pgsql when its data is known to be good"
    is_shut = view.barrier is Barrier.SHUT and not view.database.in_recovery
    if (view.barrier is Barrier.OURS or is_shut) and record is not None and record.leader not in {"", guid}:
        return f"{_called(record)} led after PostgreSQL was stopped here: its data must be copied first"
    if view.full_disks and policy.needs_disk_space:
        return f"too little space on {', '.join(view.full_disks)}"
    if view.database.in_recovery and view.members != 1 and not policy.followers_stand:
        # Which of several followers has the most is not compared yet: docs/concepts/leader.md.
        return "followers do not stand for election in this version"
    return ""


def _noticed(view: View, memory: Memory) -> Memory:
    """Return the memory with what this look adds: how long the record is unchanged, and how PostgreSQL does."""
    if view.stored is not None and view.stored.revision != memory.seen_revision:
        memory = replace(memory, seen_revision=view.stored.revision, seen_since=view.now)
    database, held = view.database, memory.held
    memory = replace(memory, failures=memory.failures + 1 if database.error else 0)
    if held is not None and database.written and database.epoch == held.epoch:
        return replace(memory, proven_epoch=held.epoch)
    is_down = database.gone or database.headless or database.refused or database.in_recovery
    return replace(memory, proven_epoch=0) if is_down else memory


def _as_holder(view: View, memory: Memory, held: Held, policy: Policy, guid: str) -> Decision:
    record = view.stored.record if view.stored else None
    if record is not None and (record.leader, record.epoch, record.released) != (guid, held.epoch, False):
        return _fence(lost(memory), f"the leadership is not ours any more: {_called(record)} has epoch {record.epoch}")
    if view.now >= held.deadline - policy.fence_s:
        return _fence(lost(memory), "the leadership could not be renewed in time")
    if view.stored is not None:
        # A renewal whose answer was lost has another revision; its deadline is not known, the old one holds.
        memory = replace(memory, held=replace(held, revision=view.stored.revision))
    if memory.failures > policy.max_database_failures:
        memory = replace(memory, proven_epoch=0)
    is_proven = memory.proven_epoch == held.epoch
    memory = replace(memory, role=Role.LEADER if is_proven else Role.PROMOTING)
    if view.stored is not None and view.database.epoch > held.epoch:
        return Decision(Act.CAMPAIGN, memory, f"this data was a leader's in epoch {view.database.epoch} already")
    if view.database.headless:
        return Decision(Act.CLEAR, memory, "PostgreSQL's first process is gone, and others of it are left")
    if view.barrier in {Barrier.OURS, Barrier.SHUT}:
        return Decision(Act.OPEN, memory, "PostgreSQL may start: this node leads")
    if view.database.in_recovery:
        return Decision(Act.PROMOTE, memory, "PostgreSQL still follows")
    if view.stored is None:
        return Decision(Act.NOTHING, memory, f"the leadership holds until its deadline only: {view.trouble}")
    return Decision(Act.RENEW, memory, view.database.error if is_proven else _unproven(view))


def _unproven(view: View) -> str:
    if view.barrier is Barrier.FOREIGN and view.database.gone:
        return "PostgreSQL is down, and the file no-start-pgsql keeps it so"
    return view.database.error or "PostgreSQL has not been seen to write yet"


def _campaign(view: View, memory: Memory, policy: Policy, guid: str) -> Decision | None:
    """Return the campaign for a record that is free, our own from before, or not renewed for too long."""
    if view.stored is None or ineligible(view, policy, guid):
        return None
    record = view.stored.record
    if record.released or record.leader == guid:
        return Decision(Act.CAMPAIGN, memory, "nobody leads")
    if view.now - memory.seen_since > policy.ttl_s + policy.margin_s:
        return Decision(Act.CAMPAIGN, memory, f"{_called(record)} did not renew its leadership in time")
    return None


def _without_leadership(view: View, memory: Memory, policy: Policy, guid: str) -> Decision:
    if view.stored is None:
        reason = f"nobody can tell who leads: {view.trouble}"
    else:
        record = view.stored.record
        reason = f"{_called(record)} leads" if not record.released and record.leader != guid else "nobody leads"
        unfit = ineligible(view, policy, guid)
        reason += f"; this node may not: {unfit}" if unfit else ""
    if view.database.is_writable:
        # Nobody vouches for it: a leaderl that was killed left it so, or somebody started it by hand.
        return _fence(memory, f"PostgreSQL takes writes without a leadership: {reason}")
    if view.barrier is Barrier.OURS:
        role = Role.DEPOSED
    else:
        follows = view.database.in_recovery and not view.database.error and view.stored and not view.unsynced
        role = Role.FOLLOWER if follows else Role.WAITING
    return Decision(Act.NOTHING, replace(memory, role=role), reason)


def _fence(memory: Memory, reason: str) -> Decision:
    return Decision(Act.FENCE, replace(memory, role=Role.DEPOSED, proven_epoch=0), reason)


def _called(record: Record) -> str:
    return record.name or record.leader or "nobody"
