"""One turn after the other: look, decide, act, and tell."""

from __future__ import annotations

from dataclasses import replace

from chef_backend.leader.act import Actor
from chef_backend.leader.decide import decide, resumed
from chef_backend.leader.model import Act, Decision, Held, Memory, Policy, Role, Snapshot, View
from chef_backend.leader.observe import Observer
from chef_backend.leader.snapshot import snapshot

_SETTLED = frozenset({Role.LEADER, Role.FOLLOWER})
_SOON_S = 0.5


class Elector:
    """The leadership of one node; `held` is what a leaderl before this one left, which goes on."""

    def __init__(
        self, guid: str, observer: Observer, actor: Actor, policy: Policy, *, held: Held | None = None
    ) -> None:
        self._guid = guid
        self._observer = observer
        self._actor = actor
        self._policy = policy
        self._memory = resumed(held)
        self._members = 0
        self._said = ""
        self.snapshot = Snapshot()

    def turn(self) -> Snapshot:
        """Look at the world, do what follows, and return (and keep) what others are told."""
        held = self._memory.held
        view = self._observer.look(held.epoch if held else 0)
        self._members = view.members or self._members
        decision = decide(view, self._memory, self._policy, self._guid)
        before = self._memory.role
        # Told before it is done: while PostgreSQL ends, no frontend may be sent to it.
        self._remember(view, decision.memory, decision.reason)
        self._tell(decision, before)
        self._remember(view, self._actor.do(decision, view), decision.reason)
        return self.snapshot

    def seconds_to_next(self, interval_s: float) -> float:
        """Return how long to wait for the next turn: not the whole interval while something is under way."""
        return interval_s if self._memory.role in _SETTLED else min(interval_s, _SOON_S)

    def stop(self) -> None:
        """Tell frontends first, then give the leadership up."""
        held = self._memory.held
        self._memory = Memory(Role.WAITING)
        self.snapshot = replace(self.snapshot, role=Role.WAITING, until=0.0, proven=False, reason="leaderl was stopped")
        if held is not None:
            self._actor.give_up(held, self._members)

    def _remember(self, view: View, memory: Memory, reason: str) -> None:
        self._memory = memory
        self.snapshot = snapshot(view, memory, self._policy, self._guid, reason)

    def _tell(self, decision: Decision, before: Role) -> None:
        """Say what changed, with why; the same thing is said once."""
        role, said = decision.memory.role, f"{decision.act} {decision.reason}"
        if role is not before:
            self._actor.say("I", f"from {before} to {role}" + (f": {decision.reason}" if decision.reason else ""))
        elif decision.reason and said != self._said:
            self._actor.say("W" if decision.act is not Act.CAMPAIGN else "I", f"{role}: {decision.reason}")
        self._said = said
