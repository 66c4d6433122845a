"""This machine as a reconfigure sees it; `real` has the real one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from chef_backend.base.clock import Clock
from chef_backend.base.paths import Paths
from chef_backend.config.facts import HostFacts
from chef_backend.config.model import Settings
from chef_backend.elasticsearch.model import Search
from chef_backend.etcd.model import Etcd
from chef_backend.postgresql.control import Database
from chef_backend.resources.host import Host
from chef_backend.roles.node import Node
from chef_backend.secrets.generate import Entropy
from chef_backend.secrets.store import Loaded
from chef_backend.supervise.process import SupervisorProcess
from chef_backend.supervise.supervisor import Supervisor
from chef_backend.tls.openssl import Maker


class Sources(Protocol):
    """What a node's desired state is made of."""

    def facts(self) -> HostFacts:
        """Look at this host."""
        ...

    def settings(self, facts: HostFacts) -> Settings:
        """Read chef-backend.rb; ConfigInvalid with every mistake."""
        ...

    def secrets(self, *, configured: bool, is_ours: Callable[[bytes], bool]) -> Loaded:
        """Read the secrets, and make those that are missing; InvalidSecrets."""
        ...


class Clients(Protocol):
    """The services of this node, asked over their own interfaces; nothing is connected before it is asked."""

    def database(self, node: Node) -> Database:
        """PostgreSQL."""
        ...

    def etcd(self, node: Node) -> Etcd:
        """The etcd of this node alone."""
        ...

    def search(self, node: Node) -> Search:
        """Elasticsearch."""
        ...

    def leads(self, node: Node) -> bool | None:
        """Tell whether this node's leaderl says that it leads; None when it does not answer."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Everything that a reconfigure reads and changes; `last_lines` gives so many last lines of a log."""

    paths: Paths
    host: Host
    sources: Sources
    supervisor: Supervisor
    process: SupervisorProcess
    clients: Clients
    maker: Maker
    clock: Clock
    version: str
    entropy: Entropy
    lock: Callable[[str], AbstractContextManager[None]]
    last_lines: Callable[[Path, int], list[str]]

    def now(self) -> float:
        """Return the time in seconds of the epoch."""
        return self.clock.now().timestamp()
