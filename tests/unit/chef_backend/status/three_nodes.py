"""A cluster of three as its nodes tell of it, in leaderl's own words."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chef_backend.base.clock import FakeClock
from chef_backend.base.secret import Secret
from chef_backend.elasticsearch.model import ClusterHealth, SearchNode
from chef_backend.etcd.model import Member
from chef_backend.leader.fence import Sentinels
from chef_backend.leader.model import Database, Replica, Role, Snapshot
from chef_backend.leader.observe import DiskSpace
from chef_backend.leader.settings import DatabaseSettings, LeaderSettings
from chef_backend.leader.status import EtcdState, SearchState, Surroundings, document
from chef_backend.status.answers import Told, Whoami
from chef_backend.status.fake import FakeSources
from chef_backend.status.model import Disk
from chef_backend.status.report import Report, parse_report
from chef_backend.supervise.state import Phase, Process, ServiceState

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
SERVICES = ("elasticsearch", "etcd", "leaderl", "postgresql")
IPS = ("10.0.0.1", "10.0.0.2", "10.0.0.3")
GUIDS = tuple(number * 32 for number in "123")


def settings(number: int) -> LeaderSettings:
    """What the leaderl of the node with this number (from 0) is told."""
    ip = IPS[number]
    database = DatabaseSettings("", 5432, "u", Secret("p"), 2.0, Path("/d"), 5)
    return LeaderSettings(
        guid=GUIDS[number],
        name=f"backend-{number + 1}",
        ip=ip,
        http_address="0.0.0.0",
        http_port=7331,
        etcd_endpoints=(f"http://{ip}:2379",),
        etcd_timeout_s=5.0,
        ttl_s=30,
        interval_s=5,
        status_internal_s=5,
        status_post_s=10,
        required_followers=0,
        database=database,
        sentinels=Sentinels(Path("/n"), Path("/m")),
        unsynced_file=Path("/u"),
        run_folder=Path("/r"),
        elasticsearch_url=f"http://{ip}:9200",
        disk_paths=("/var/opt/chef-backend",),
        disk_least_mb=250,
        needs_disk_space=False,
        log_lines_per_s=1000,
    )


def told(number: int, role: Role = Role.FOLLOWER, *, ago_s: float = 0, epoch: int = 4, free_mb: int = 900) -> Any:
    """What a node's leaderl tells; of the leader with both followers streaming, 16 bytes behind."""
    leads = role is Role.LEADER
    replicas = tuple(Replica(GUIDS[n], IPS[n], "streaming", "async", 16) for n in range(3) if n != number)
    database = Database(in_recovery=not leads, epoch=epoch, timeline=2, replication=replicas if leads else ())
    around = Surroundings(
        elasticsearch=SearchState("green", master=number == 2, nodes=3),
        disks=(DiskSpace("/var/opt/chef-backend", free_mb, 250),),
        etcd=EtcdState(healthy=True, members=GUIDS),
        version="3.2.0",
    )
    follows = GUIDS[0] if role is Role.FOLLOWER else ""
    snapshot = Snapshot(role, epoch, until=20, proven=leads, follows=follows, database=database)
    clock = FakeClock(NOW)
    clock.advance(-ago_s)
    return document(settings(number), snapshot, around, clock)


def report(number: int, role: Role = Role.FOLLOWER, **options: Any) -> Report:
    """The same, read."""
    found = parse_report(told(number, role, **options))
    assert found is not None
    return found


def member(number: int) -> Member:
    """A member of etcd."""
    host = IPS[number]
    return Member(number + 1, GUIDS[number], (f"http://{host}:2380",), (f"http://{host}:2379",))


def state(name: str, *, pid: int = 1234, seconds: float = 100) -> ServiceState:
    """A service that runs, or (without a pid) is down."""
    since = NOW.timestamp() - seconds
    return ServiceState(name, Process(Phase.RUN if pid else Phase.DOWN, pid, since), log=Process(Phase.RUN, 7, since))


def sources(**changed: Any) -> FakeSources:
    """Everybody's answers on the first of three healthy nodes, which leads."""
    reports = (report(0, Role.LEADER, ago_s=8), report(1, ago_s=3), report(2, ago_s=5))
    given: dict[str, Any] = {
        "whoami": Whoami(GUIDS[0], "backend-1", IPS[0], 35.0),
        "states": {name: state(name) for name in SERVICES},
        "told": Told(report(0, Role.LEADER), reports),
        "posted": reports,
        "etcd": tuple(map(member, range(3))),
        "healthy": dict.fromkeys(IPS, True),
        "health": ClusterHealth("green", 3),
        "nodes": tuple(SearchNode(f"backend-{n + 1}", IPS[n], master=n == 2) for n in range(3)),
        "rooms": (Disk("/var/opt/chef-backend", 900, 250),),
    }
    return FakeSources(**{**given, **changed})
