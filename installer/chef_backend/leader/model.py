"""What leaderl sees, remembers and decides. Times are seconds of CLOCK_BOOTTIME, which a suspended machine's go on."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a node is in its cluster; the words are those of `cluster-status`."""

    INITIALIZING = "initializing"
    WAITING = "waiting_for_leader"
    PROMOTING = "promoting"
    LEADER = "leader"
    FOLLOWER = "follower"
    DEPOSED = "deposed_leader"


class Act(StrEnum):
    """What is to be done next."""

    NOTHING = "nothing"
    CAMPAIGN = "campaign"
    CLEAR = "clear"
    RENEW = "renew"
    OPEN = "open"
    PROMOTE = "promote"
    FENCE = "fence"


class Barrier(StrEnum):
    """What keeps PostgreSQL from starting: the file no-start-pgsql, written by leaderl or by somebody else.

    Without that file a leader's data is shut while leaderl has not let it start: each time a machine comes up.
    """

    NONE = "none"
    SHUT = "shut"
    OURS = "leaderl"
    FOREIGN = "operator"


@dataclass(frozen=True, slots=True)
class Policy:
    """The times that everything follows from, in seconds.

    A holder that cannot renew fences PostgreSQL `fence_s` before its deadline, so that nothing is writable after it;
    others take a record over only `margin_s` after they themselves saw no renewal for a whole time to live.
    `followers_stand` lets followers take part in elections.
    """

    ttl_s: float
    fence_s: float
    margin_s: float
    max_database_failures: int
    required_followers: int = 0
    needs_disk_space: bool = False
    followers_stand: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.fence_s < self.ttl_s:
            raise ValueError(f"{self.fence_s} s to fence do not fit into a time to live of {self.ttl_s} s")


@dataclass(frozen=True, slots=True)
class Record:
    """Who led last, by GUID ("" while nobody ever did); a released record is free. The epoch only ever grows."""

    leader: str
    epoch: int
    name: str = ""
    ip: str = ""
    released: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """The record and the revision it was written at; revision 0 where there is none yet."""

    record: Record
    revision: int


NOBODY = Stored(Record("", 0, released=True), 0)


@dataclass(frozen=True, slots=True)
class Replica:
    """A standby that copies from this server; `lag_bytes` is what it has not flushed yet, None where unknown."""

    name: str
    ip: str
    state: str
    sync: str
    lag_bytes: int | None


@dataclass(frozen=True, slots=True)
class Database:
    """PostgreSQL as a connection sees it; `error` says why there is none.

    `gone` means that no process of it is left, `headless` that its first one is gone: nobody can connect, and it cannot
    start again before the others are gone, too. `refused` means that it said no to us, rather than nothing in time.
    `written` is true when a write of this very look is on disk. `epoch` is the last epoch in which this data was
    written as a leader's, 0 where none is known.
    """

    error: str = ""
    gone: bool = False
    headless: bool = False
    refused: bool = False
    in_recovery: bool = False
    written: bool = False
    epoch: int = 0
    timeline: int = 0
    lsn: str = ""
    replication: tuple[Replica, ...] = ()

    @property
    def followers(self) -> int:
        """How many standbys stream."""
        return sum(replica.state == "streaming" for replica in self.replication)

    @property
    def is_writable(self) -> bool:
        """Whether clients' writes may succeed, now or in a moment: what one client is told is not what all are."""
        return not (self.in_recovery or self.gone)


@dataclass(frozen=True, slots=True)
class View:
    """One look at the world that ended at `now`; `stored` is None when etcd gave no good answer: `trouble` says why.

    `members` is the size of etcd's cluster, 0 when it is not known.
    """

    now: float
    stored: Stored | None
    database: Database
    members: int = 0
    trouble: str = ""
    barrier: Barrier = Barrier.NONE
    unsynced: bool = False
    full_disks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """Our leadership: until `deadline` nobody else can have it; written at `revision` of etcd."""

    revision: int
    epoch: int
    deadline: float


@dataclass(frozen=True, slots=True)
class Memory:
    """What a look alone does not tell; `proven_epoch` is that in which PostgreSQL was last seen to write."""

    role: Role = Role.INITIALIZING
    held: Held | None = None
    seen_revision: int = -1
    seen_since: float = 0.0
    failures: int = 0
    proven_epoch: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do, why, and what is remembered before it is done."""

    act: Act
    memory: Memory
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the HTTP server answers from, without asking anybody; it leads before `until`, if at all.

    `ineligible` says why this node may not stand for election; "" when it may.
    """

    role: Role = Role.INITIALIZING
    epoch: int = 0
    until: float = 0.0
    proven: bool = False
    reason: str = "leaderl has just started"
    ineligible: str = ""
    follows: str = ""
    database: Database = field(default_factory=Database)
    barrier: Barrier = Barrier.NONE
    unsynced: bool = False

    def leads(self, now: float) -> bool:
        """Tell whether this node is the leader, and PostgreSQL takes writes, at `now`."""
        return self.role is Role.LEADER and self.proven and now < self.until
