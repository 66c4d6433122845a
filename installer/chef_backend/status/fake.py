"""Sources whose answers a test sets; one that is an exception is raised."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from chef_backend.elasticsearch.model import ClusterHealth, SearchNode
from chef_backend.etcd.model import Member
from chef_backend.status.answers import Told, Whoami
from chef_backend.status.model import Disk, Restart
from chef_backend.status.report import Report
from chef_backend.supervise.state import ServiceState

_T = TypeVar("_T")
Answer: TypeAlias = _T | Exception


@dataclass(slots=True, kw_only=True)
class FakeSources:
    """See Sources; `before` is called with the name of each source that is asked, and may wait."""

    whoami: Answer[Whoami]
    states: Mapping[str, ServiceState | None]
    told: Answer[Told]
    posted: Answer[tuple[Report, ...]] = ()
    etcd: Answer[tuple[Member, ...]] = ()
    healthy: Mapping[str, bool] = field(default_factory=dict)
    health: Answer[ClusterHealth]
    nodes: Answer[tuple[SearchNode, ...]] = ()
    rooms: Answer[tuple[Disk, ...]] = ()
    owed: Answer[tuple[Restart, ...]] = ()
    before: Callable[[str], object] = lambda _name: None

    def me(self) -> Whoami:
        """See Sources."""
        return self._given("me", self.whoami)

    def services(self) -> Mapping[str, ServiceState | None]:
        """See Sources."""
        return self.states

    def leaderl(self) -> Told:
        """See Sources."""
        return self._given("leaderl", self.told)

    def posts(self) -> tuple[Report, ...]:
        """See Sources."""
        return self._given("posts", self.posted)

    def members(self) -> tuple[Member, ...]:
        """See Sources."""
        return self._given("members", self.etcd)

    def is_healthy(self, address: str) -> bool:
        """See Sources."""
        return self._given("is_healthy", self.healthy.get(address, False))

    def search(self) -> ClusterHealth:
        """See Sources."""
        return self._given("search", self.health)

    def search_nodes(self) -> tuple[SearchNode, ...]:
        """See Sources."""
        return self._given("search_nodes", self.nodes)

    def disks(self) -> tuple[Disk, ...]:
        """See Sources."""
        return self._given("disks", self.rooms)

    def restarts(self) -> tuple[Restart, ...]:
        """See Sources."""
        return self._given("restarts", self.owed)

    def _given(self, name: str, answer: Answer[_T]) -> _T:
        self.before(name)
        if isinstance(answer, Exception):
            raise answer
        return answer
