"""A PostgreSQL in memory with a fence around it, and a supervisor that starts it again."""

from __future__ import annotations

from dataclasses import dataclass, field

from chef_backend.leader.model import Barrier, Database


@dataclass(slots=True)
class FakeServer:
    """Keeps the promises of Postgres and Fence; `answers` false is a server that hangs, `starts` a broken one.

    `has_permit` is the file that no reboot outlives, `kept` the other one.
    """

    running: bool = True
    answers: bool = True
    starts: bool = True
    in_recovery: bool = False
    takes_writes: bool = True
    epoch: int = 0
    headless: bool = False
    kept: Barrier = Barrier.NONE
    has_permit: bool = False
    reasons: list[str] = field(default_factory=list)

    @property
    def is_writable(self) -> bool:
        """Whether a client's write may succeed: also while our own look gets no answer."""
        return self.running and not self.in_recovery and self.takes_writes

    def supervise(self) -> None:
        """Do what runsv and the run script do within a second."""
        if self.kept is Barrier.NONE and self.starts and (self.has_permit or self.in_recovery):
            self.running = True

    def reboot(self) -> None:
        """Come back after a power cut."""
        self.running = self.has_permit = False

    def look(self, epoch: int) -> Database:
        """See Postgres."""
        if not self.running:
            return Database(error="no server", gone=True, in_recovery=self.in_recovery)
        if self.headless:
            return Database(error="no first process", headless=True, in_recovery=self.in_recovery)
        if not self.answers:
            return Database(error="no answer", in_recovery=self.in_recovery)
        written = bool(epoch) and not self.in_recovery and self.takes_writes and self.epoch <= epoch
        if epoch and not self.takes_writes and not self.in_recovery:
            return Database(error="cannot write", refused=True)
        if written:
            self.epoch = epoch
        return Database(in_recovery=self.in_recovery, written=written, epoch=self.epoch, timeline=1)

    def promote(self) -> None:
        """See Postgres."""
        if self.running:
            self.in_recovery = False

    def clear(self) -> None:
        """See Postgres."""
        if self.headless:
            self.headless = self.running = False

    def barrier(self) -> Barrier:
        """See Fence."""
        return Barrier.SHUT if self.kept is Barrier.NONE and not self.has_permit else self.kept

    def close(self, reason: str, within_s: float) -> bool:  # noqa: ARG002 - it ends at once
        """See Fence."""
        self.reasons.append(reason)
        if self.kept is Barrier.NONE:
            self.kept = Barrier.OURS
        self.running = self.has_permit = self.headless = False
        return True

    def open(self) -> None:
        """See Fence."""
        if self.kept is not Barrier.FOREIGN:
            self.kept, self.has_permit = Barrier.NONE, True

    def is_breached(self) -> bool:
        """See Fence."""
        return self.running and not self.in_recovery
