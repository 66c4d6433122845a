"""Does what was decided. Nothing else in leaderl lets PostgreSQL start, promotes it or ends it, but the deadline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chef_backend.leader.decide import lost, won
from chef_backend.leader.guard import Deadline
from chef_backend.leader.model import NOBODY, Act, Decision, Held, Memory, View
from chef_backend.leader.postgres import Postgres
from chef_backend.leader.record import RecordKeeper

Say = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Actor:
    """Acts for one node; `say` takes a level and a text."""

    keeper: RecordKeeper
    postgres: Postgres
    guard: Deadline
    say: Say

    def do(self, decision: Decision, view: View) -> Memory:
        """Do it, and return what is known after it."""
        memory = decision.memory
        match decision.act:
            case Act.CAMPAIGN:
                return self._campaign(memory, view)
            case Act.FENCE:
                if not self.guard.close(decision.reason):
                    self.say("E", "PostgreSQL has not ended yet")
                return memory
            case Act.OPEN:
                self.guard.open()
            case Act.PROMOTE:
                self.postgres.promote()
            case Act.CLEAR:
                self.postgres.clear()
            case Act.NOTHING | Act.RENEW:
                pass
        return memory if memory.held is None or view.stored is None else self._renew(memory, memory.held)

    def give_up(self, held: Held, members: int) -> None:
        """Release the record, so that nobody has to wait for the deadline.

        Where there are others to take it, PostgreSQL ends first: two could take writes otherwise.
        """
        if members == 1:
            self.guard.end()
        elif not self.guard.close("leaderl was stopped"):
            self.say("E", "PostgreSQL has not ended: the leadership is kept until its deadline")
            return
        if self.keeper.release(held):
            self.say("I", f"released the leadership of epoch {held.epoch}")

    def _campaign(self, memory: Memory, view: View) -> Memory:
        stored = view.stored or NOBODY
        # The data may know of a later epoch than etcd does, whose own data was restored or made anew.
        epoch = max(stored.record.epoch, view.database.epoch) + 1
        held = self.keeper.campaign(stored, epoch)
        if held is None or not self.guard.begin(held):
            return memory
        self.say("I", f"this node leads from epoch {epoch} on")
        return won(memory, held)

    def _renew(self, memory: Memory, held: Held) -> Memory:
        renewed = self.keeper.renew(held)
        if renewed is None:
            return memory
        return won(memory, renewed) if self.guard.extend(renewed) else lost(memory)
