"""A healthy cluster of one in memory, with what its leaderl, etcd and Elasticsearch would say."""

from __future__ import annotations

from typing import Any

from chef_backend.cluster.create import Creation, Options, examine
from chef_backend.elasticsearch.model import ClusterHealth, SearchNode
from chef_backend.etcd.model import Member
from chef_backend.health.fake import FakeWorld
from chef_backend.health.gather import look
from chef_backend.health.seen import Seen
from chef_backend.health.situation import known
from chef_backend.reconfigure.fake import FakeNode
from chef_backend.reconfigure.steps import Silent
from chef_backend.status.answers import Told, Whoami
from chef_backend.status.fake import FakeSources
from chef_backend.status.model import Disk
from chef_backend.status.report import Report, Standby

GUID, IP = "07" * 16, "10.0.2.15"
HOUR = 3600.0


def created(text: str = "") -> FakeNode:
    """A node that is a cluster of one, and has been for an hour."""
    node = FakeNode(text)
    Creation(node.machine, examine(node.machine, lambda _node: {}), Options(), Silent()).run()
    node.clock.advance(HOUR)
    return node


def report(at: float, **changed: Any) -> Report:
    """What the leader of one, or of several with `standbys`, tells of itself at a time."""
    given: dict[str, Any] = {
        "guid": GUID,
        "name": "be1",
        "ip": IP,
        "at": at,
        "role": "leader",
        "reason": "",
        "epoch": 1,
        "leads": True,
        "follows": "",
        "eligible": True,
        "partially_synced": False,
        "postgresql": "leader",
        "timeline": 1,
        "standbys": (),
        "search": "master",
        "has_room": True,
        "etcd_members": (GUID,),
        "version": "3.2.0",
    }
    return Report(**{**given, **changed})


def member(guid: str, ip: str) -> Member:
    return Member(int(guid, 16), guid, (f"http://{ip}:2380",), (f"http://{ip}:2379",))


def standby(ip: str, state: str = "streaming") -> Standby:
    return Standby(ip, state, 16)


def sources(node: FakeNode, **changed: Any) -> FakeSources:
    """Everybody's answers on such a node."""
    now = node.clock.now().timestamp()
    supervisor = node.machine.supervisor
    given: dict[str, Any] = {
        "whoami": Whoami(GUID, "be1", IP, 35.0),
        "states": {name: supervisor.state(name) for name in supervisor.enabled() if "/" not in name},
        "told": Told(report(now), (report(now),)),
        "posted": (report(now),),
        "etcd": (member(GUID, IP),),
        "healthy": {IP: True},
        "health": ClusterHealth("green", 1),
        "nodes": (SearchNode("be1", IP, master=True),),
        "rooms": (Disk("/var/log/chef-backend", 50_000, 250), Disk("/var/opt/chef-backend", 50_000, 250)),
    }
    return FakeSources(**{**given, **changed})


def seen(node: FakeNode | None = None, world: FakeWorld | None = None, **changed: Any) -> Seen:
    """One look at such a node; `changed` are answers of the sources."""
    node = node or created()
    machine = node.machine
    return look(machine, known(machine), sources(node, **changed), world or FakeWorld())
