"""What every source said when it was asked, and what follows from several of them together. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from chef_backend.elasticsearch.model import ClusterHealth, SearchNode
from chef_backend.etcd.model import Member
from chef_backend.leader.model import Role
from chef_backend.status.model import Disk, Failure, Restart
from chef_backend.status.report import Report
from chef_backend.supervise.state import ServiceState

LEADER: Final = str(Role.LEADER)


@dataclass(frozen=True, slots=True)
class Whoami:
    """This node; what others told longer than `fresh_s` ago is no news to it."""

    guid: str
    name: str
    ip: str
    fresh_s: float


@dataclass(frozen=True, slots=True)
class Told:
    """What this node's leaderl says of it, and the last words of all nodes that it heard."""

    own: Report
    peers: tuple[Report, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The answer of each source, or why there is none; `healthy` tells by GUID how each member of etcd does."""

    at: float
    me: Whoami | Failure
    services: Mapping[str, ServiceState | None]
    leaderl: Told | Failure
    posts: tuple[Report, ...] | Failure
    members: tuple[Member, ...] | Failure
    search: ClusterHealth | Failure
    search_nodes: tuple[SearchNode, ...] | Failure
    disks: tuple[Disk, ...] | Failure
    restarts: tuple[Restart, ...] | Failure = ()
    healthy: Mapping[str, bool] = field(default_factory=dict)

    def reports(self) -> dict[str, Report]:
        """Return the latest word of each node, by GUID; of this node what its leaderl says now."""
        found = [] if isinstance(self.posts, Failure) else list(self.posts)
        if isinstance(self.leaderl, Told):
            found += [*self.leaderl.peers, self.leaderl.own]
        return {report.guid: report for report in sorted(found, key=lambda report: report.at)}

    def fresh(self) -> dict[str, Report]:
        """Return the reports that still hold: no old ones, and of leaders only the one of the latest epoch."""
        within_s = math.inf if isinstance(self.me, Failure) else self.me.fresh_s
        found = {guid: each for guid, each in self.reports().items() if self.at - each.at <= within_s}
        if isinstance(self.me, Whoami) and isinstance(self.leaderl, Failure):
            found.pop(self.me.guid, None)  # it does not answer: what it posted before it ended is not so any more
        latest = max((each.epoch for each in found.values() if each.role == LEADER), default=0)
        return {guid: each for guid, each in found.items() if each.role != LEADER or each.epoch == latest}

    def guids(self) -> tuple[str, ...]:
        """Return the GUIDs of all nodes: by etcd, and where it does not answer by whoever heard of them last."""
        if not isinstance(self.members, Failure):
            return tuple(member.name for member in self.members)
        reports = self.reports()
        heard = {guid for report in reports.values() for guid in report.etcd_members}
        return tuple(sorted(heard or reports))
