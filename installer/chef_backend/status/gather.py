"""Everybody asked at once, in a bounded time: first what each source knows, then each member of etcd how it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Final, Protocol
from urllib.parse import urlsplit

from chef_backend.base.clock import Clock
from chef_backend.elasticsearch.model import ClusterHealth, SearchNode
from chef_backend.etcd.model import Member
from chef_backend.status.answers import Answers, Told, Whoami
from chef_backend.status.ask import Questions
from chef_backend.status.model import Disk, Failure, Restart
from chef_backend.status.report import Report
from chef_backend.supervise.state import ServiceState

# A source's own limit is 3 s; this is for one that does not keep it, such as a network file system that hangs.
_FIRST_S: Final = 4.0
_THEN_S: Final = 2.5


class Sources(Protocol):
    """Who is asked; each may raise a ChefBackendError or an OSError, or never return."""

    def me(self) -> Whoami:
        """Return who this node is."""
        ...

    def services(self) -> Mapping[str, ServiceState | None]:
        """Return the states of the enabled services, None where nothing supervises one; this never waits."""
        ...

    def leaderl(self) -> Told:
        """Ask this node's leaderl."""
        ...

    def posts(self) -> tuple[Report, ...]:
        """Read the last words of all nodes from etcd."""
        ...

    def members(self) -> tuple[Member, ...]:
        """Ask etcd for its members."""
        ...

    def is_healthy(self, address: str) -> bool:
        """Ask one member of etcd."""
        ...

    def search(self) -> ClusterHealth:
        """Ask this node's Elasticsearch how its cluster does."""
        ...

    def search_nodes(self) -> tuple[SearchNode, ...]:
        """Ask this node's Elasticsearch for the nodes of its cluster."""
        ...

    def disks(self) -> tuple[Disk, ...]:
        """Look at this node's disks."""
        ...

    def restarts(self) -> tuple[Restart, ...]:
        """Return the restarts that are due on this node."""
        ...


def gather(sources: Sources, clock: Clock) -> Answers:
    """Return what everybody says. NotPermitted for anyone but root."""
    asked = Questions(clock, _FIRST_S)
    me, leaderl, posts = asked.ask(sources.me), asked.ask(sources.leaderl), asked.ask(sources.posts)
    members, disks, restarts = asked.ask(sources.members), asked.ask(sources.disks), asked.ask(sources.restarts)
    search, search_nodes = asked.ask(sources.search), asked.ask(sources.search_nodes)
    answers = Answers(
        at=clock.now().timestamp(),
        me=me(),
        services=sources.services(),
        leaderl=leaderl(),
        posts=posts(),
        members=members(),
        search=search(),
        search_nodes=search_nodes(),
        disks=disks(),
        restarts=restarts(),
    )
    return replace(answers, healthy=_healthy(sources, clock, answers))


def _healthy(sources: Sources, clock: Clock, answers: Answers) -> dict[str, bool]:
    asked = Questions(clock, _THEN_S)
    waiting = {guid: asked.ask(partial(sources.is_healthy, host)) for guid, host in _etcd_hosts(answers).items()}
    return {guid: answer() is True for guid, answer in waiting.items()}


def _etcd_hosts(answers: Answers) -> dict[str, str]:
    """Return the address of each member of etcd: from etcd, or from what the nodes said when it still answered."""
    if not isinstance(answers.members, Failure):
        hosts = {each.name: urlsplit(each.client_urls[0]).hostname for each in answers.members if each.client_urls}
    else:
        hosts = {guid: report.ip for guid, report in answers.reports().items() if guid in answers.guids()}
    return {guid: host for guid, host in hosts.items() if host}
