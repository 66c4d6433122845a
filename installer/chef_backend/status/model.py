"""What is known of this node and of its cluster at one moment; a source that did not answer is a Failure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from chef_backend.supervise.state import ServiceState


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a source did not answer, in a few words."""

    reason: str

    def __str__(self) -> str:
        """Return the cell of a table."""
        return f"error: {self.reason}"


@dataclass(frozen=True, slots=True)
class Service:
    """An enabled service; a Failure where the supervisor does not tell."""

    name: str
    state: ServiceState | Failure

    @property
    def fine(self) -> bool:
        """Whether it runs, or is down because it is to be."""
        return isinstance(self.state, ServiceState) and (self.state.is_up or not self.state.normally_up)


@dataclass(frozen=True, slots=True)
class Roles:
    """How many nodes have each role."""

    leader: int
    waiting: int
    follower: int
    total: int

    def __str__(self) -> str:
        """Return the cell of a table."""
        return f"leader: {self.leader}; waiting: {self.waiting}; follower: {self.follower}; total: {self.total}"


@dataclass(frozen=True, slots=True)
class Replication:
    """How many PostgreSQL servers are in each state."""

    leader: int
    offline: int
    syncing: int
    synced: int

    def __str__(self) -> str:
        """Return the cell of a table."""
        return f"leader: {self.leader}; offline: {self.offline}; syncing: {self.syncing}; synced: {self.synced}"


@dataclass(frozen=True, slots=True)
class Healthy:
    """How many nodes are healthy of all."""

    nodes: int
    total: int

    @property
    def colour(self) -> str:
        """Green when all are, yellow when more than half, red otherwise."""
        if self.nodes >= self.total:
            return "green"
        return "yellow" if self.nodes * 2 > self.total else "red"

    def __str__(self) -> str:
        """Return the cell of a table."""
        return f"health: {self.colour}; healthy nodes: {self.nodes}/{self.total}"


@dataclass(frozen=True, slots=True)
class Online:
    """Elasticsearch's own colour, and how many nodes it has of all."""

    state: str
    nodes: int
    total: int

    def __str__(self) -> str:
        """Return the cell of a table."""
        return f"state: {self.state}; nodes online: {self.nodes}/{self.total}"


@dataclass(frozen=True, slots=True)
class Disk:
    """A path that is watched, and the room left there; less than 0 where it cannot be told."""

    path: str
    free_mb: int
    least_mb: int

    @property
    def fine(self) -> bool:
        """Whether there is room enough."""
        return self.free_mb >= self.least_mb

    def __str__(self) -> str:
        """Return its part of a cell."""
        if self.free_mb < 0:
            return f"{self.path}: unknown"
        return f"{self.path}: {'OK' if self.fine else f'{self.free_mb} MB free, less than {self.least_mb}'}"


@dataclass(frozen=True, slots=True)
class Restart:
    """A service that runs with older settings or older code until it is restarted, by the command."""

    service: str
    because: tuple[str, ...]
    command: str


@dataclass(frozen=True, slots=True)
class Distributed:
    """What the cluster as a whole says of each part."""

    leaderl: Roles | Failure
    etcd: Healthy | Failure
    postgresql: Replication | Failure
    elasticsearch: Online | Failure
    disks: Healthy | Failure


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """All that `status` shows, `at` a time in seconds of the epoch."""

    at: float
    services: tuple[Service, ...]
    distributed: Distributed
    disks: tuple[Disk, ...] | Failure
    restarts: tuple[Restart, ...] | Failure = ()

    @property
    def bad(self) -> int:
        """How many of this node's services are not as they should be: the exit code of `status`."""
        return sum(not service.fine for service in self.services)

    @property
    def bad_disks(self) -> int:
        """How many of this node's disks have too little room; 1 where none can be told of."""
        return 1 if isinstance(self.disks, Failure) else sum(not disk.fine for disk in self.disks)

    def of(self, name: str) -> NodeStatus:
        """Return the same of one service alone."""
        return replace(self, services=tuple(service for service in self.services if service.name == name))


@dataclass(frozen=True, slots=True)
class Member:
    """A node of the cluster; `unknown` where nobody tells, empty where there is nothing to tell.

    `reason` is its leaderl's own word for why it leads or does not.
    """

    name: str
    ip: str
    guid: str
    role: str = "unknown"
    pg: str = "unknown"
    es: str = "unknown"
    follows: str = ""
    blocked: bool | None = None
    eligible: bool | None = None
    seen_s: float | None = None
    lag_bytes: int | None = None
    timeline: int | None = None
    version: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ClusterStatus:
    """All that `cluster-status` shows; `failures` are the sources that did not answer, by name."""

    members: tuple[Member, ...]
    failures: dict[str, Failure] = field(default_factory=dict)
