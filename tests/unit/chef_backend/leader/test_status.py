"""What a node tells the others, and Prometheus."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chef_backend.base.clock import FakeClock
from chef_backend.base.secret import Secret
from chef_backend.elasticsearch.fake import FakeSearch
from chef_backend.elasticsearch.model import SearchNode
from chef_backend.etcd.fake import FakeEtcd
from chef_backend.etcd.model import Member
from chef_backend.leader.fence import Sentinels
from chef_backend.leader.metrics import render
from chef_backend.leader.model import Barrier, Database, Replica, Role, Snapshot
from chef_backend.leader.observe import DiskSpace
from chef_backend.leader.settings import DatabaseSettings, LeaderSettings
from chef_backend.leader.status import STATUS_PREFIX, EtcdState, SearchState, Surroundings, document, gather, post

ME, OTHER = "a" * 32, "b" * 32
SETTINGS = LeaderSettings(
    guid=ME,
    name="be1",
    ip="10.0.0.1",
    http_address="0.0.0.0",
    http_port=7331,
    etcd_endpoints=("http://10.0.0.1:2379",),
    etcd_timeout_s=5,
    ttl_s=30,
    interval_s=5,
    status_internal_s=5,
    status_post_s=10,
    required_followers=0,
    database=DatabaseSettings("/s", 5432, "u", Secret("p"), 2.0, Path("/d"), 5),
    sentinels=Sentinels(Path("/n"), Path("/m")),
    unsynced_file=Path("/u"),
    run_folder=Path("/r"),
    elasticsearch_url="http://10.0.0.1:9200",
    disk_paths=("/", "/nonexistent"),
    disk_least_mb=250,
    needs_disk_space=False,
    log_lines_per_s=1000,
)
REPLICAS = (
    Replica(OTHER, "10.0.0.2", "streaming", "async", 16),
    Replica("new", "10.0.0.4", "streaming", "async", None),
    Replica("late", "10.0.0.3", "catchup", "async", 1 << 30),
)
LEADING = Snapshot(Role.LEADER, 4, 100.0, proven=True, reason="", database=Database(timeline=2, replication=REPLICAS))
AROUND = Surroundings(
    elasticsearch=SearchState("green", master=True, nodes=3),
    disks=(DiskSpace("/var/log", 900, 250), DiskSpace("/gone", -1, 250)),
    etcd=EtcdState(healthy=True, members=(ME, OTHER)),
    version='3.2.0 "x"',
)


def told(snapshot: Snapshot = LEADING, around: Surroundings = AROUND) -> dict[str, Any]:
    return document(SETTINGS, snapshot, around, FakeClock())


def test_the_document_is_complete_and_survives_json() -> None:
    found = json.loads(json.dumps(told()))
    assert found["etcd"] == {"healthy": True, "members": [ME, OTHER], "error": ""}
    assert (found["schema_version"], found["role"], found["leads"], found["epoch"]) == (1, "leader", True, 4)
    assert found["eligibility"] == {"eligible": True, "reason": ""}
    assert found["postgresql"]["replication"][0]["lag_bytes"] == 16
    assert found["at"] == "2026-01-01T00:00:00+00:00"
    assert set(found) == {
        "schema_version", "version", "guid", "name", "ip", "role", "reason", "epoch", "leads", "follows",
        "eligibility", "partially_synced", "no_start_pgsql", "postgresql", "elasticsearch", "etcd", "disks", "at",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("snapshot", "state"),
    [
        (LEADING, "leader"),
        (replace(LEADING, role=Role.PROMOTING), "leader"),
        (replace(LEADING, role=Role.WAITING), "unfenced"),
        (Snapshot(Role.FOLLOWER, database=Database(in_recovery=True)), "follower"),
        (Snapshot(database=Database(error="no server", gone=True)), "down"),
        (Snapshot(database=Database(error="no answer", in_recovery=True)), "unknown"),
    ],
)
def test_postgresqls_state_is_a_word(snapshot: Snapshot, state: str) -> None:
    assert told(snapshot)["postgresql"]["state"] == state


@pytest.mark.parametrize(
    ("barrier", "word"),
    [(Barrier.NONE, ""), (Barrier.SHUT, ""), (Barrier.OURS, "leaderl"), (Barrier.FOREIGN, "operator")],
)
def test_who_wrote_the_sentinel_is_told_where_there_is_one(barrier: Barrier, word: str) -> None:
    assert told(replace(LEADING, barrier=barrier))["no_start_pgsql"] == word


def test_everybody_is_asked_once() -> None:
    etcd = FakeEtcd(cluster=(Member(1, ME, (), ()), Member(2, OTHER, (), ())))
    post(etcd, OTHER, {"name": "be2"})
    etcd.put(f"{STATUS_PREFIX}broken", b"{")
    search = FakeSearch(found=(SearchNode("be1", "10.0.0.1", master=True),))
    found = gather(SETTINGS, search, etcd, Surroundings(version="3.2.0"))
    assert found.peers == {OTHER: {"name": "be2"}, "broken": {"error": "not JSON"}}
    assert found.etcd == EtcdState(healthy=True, members=(ME, OTHER))
    assert found.elasticsearch == SearchState("green", master=True, nodes=1)
    assert [disk.free_mb >= 0 for disk in found.disks] == [True, False]
    assert found.version == "3.2.0"


def test_where_etcd_does_not_answer_the_others_last_words_stay() -> None:
    etcd = FakeEtcd(available=False)
    before = replace(AROUND, peers={OTHER: {"name": "be2"}})
    found = gather(SETTINGS, FakeSearch(), etcd, before)
    assert found.peers == before.peers
    assert (found.etcd.healthy, found.etcd.members) == (False, (ME, OTHER))
    assert "no connection" in found.etcd.error
    post(etcd, ME, {})  # and nothing is raised


def test_an_elasticsearch_that_does_not_answer_is_no_reason_to_say_nothing() -> None:
    found = gather(SETTINGS, FakeSearch(up=False), FakeEtcd(), AROUND)
    assert found.elasticsearch.state == ""
    assert "refused" in found.elasticsearch.error


METRICS = """\
# HELP chef_backend_build_info The version of this software.
# TYPE chef_backend_build_info gauge
chef_backend_build_info{version="3.2.0 \\"x\\""} 1
# HELP chef_backend_leader Whether this node leads and takes writes.
# TYPE chef_backend_leader gauge
chef_backend_leader 1
# HELP chef_backend_epoch The epoch of the leadership that this node knows of.
# TYPE chef_backend_epoch gauge
chef_backend_epoch 4
# HELP chef_backend_role This node's role.
# TYPE chef_backend_role gauge
chef_backend_role{role="initializing"} 0
chef_backend_role{role="waiting_for_leader"} 0
chef_backend_role{role="promoting"} 0
chef_backend_role{role="leader"} 1
chef_backend_role{role="follower"} 0
chef_backend_role{role="deposed_leader"} 0
# HELP chef_backend_eligible Whether this node may stand for election, and why not.
# TYPE chef_backend_eligible gauge
chef_backend_eligible{reason=""} 1
# HELP chef_backend_postgres_running Whether PostgreSQL answers.
# TYPE chef_backend_postgres_running gauge
chef_backend_postgres_running 1
# HELP chef_backend_postgres_in_recovery Whether PostgreSQL follows another.
# TYPE chef_backend_postgres_in_recovery gauge
chef_backend_postgres_in_recovery 0
# HELP chef_backend_postgres_timeline PostgreSQL's timeline, 0 while it is not known.
# TYPE chef_backend_postgres_timeline gauge
chef_backend_postgres_timeline 2
# HELP chef_backend_postgres_followers Standbys that stream from here.
# TYPE chef_backend_postgres_followers gauge
chef_backend_postgres_followers 2
# HELP chef_backend_postgres_follower_lag_bytes What a follower has not on its disk yet.
# TYPE chef_backend_postgres_follower_lag_bytes gauge
chef_backend_postgres_follower_lag_bytes{follower="bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"} 16
# HELP chef_backend_elasticsearch_state Elasticsearch's colour.
# TYPE chef_backend_elasticsearch_state gauge
chef_backend_elasticsearch_state{colour="green"} 1
chef_backend_elasticsearch_state{colour="yellow"} 0
chef_backend_elasticsearch_state{colour="red"} 0
# HELP chef_backend_elasticsearch_master Whether this node is Elasticsearch's master.
# TYPE chef_backend_elasticsearch_master gauge
chef_backend_elasticsearch_master 1
# HELP chef_backend_etcd_reachable Whether etcd answered last.
# TYPE chef_backend_etcd_reachable gauge
chef_backend_etcd_reachable 1
# HELP chef_backend_etcd_members Members of etcd's cluster.
# TYPE chef_backend_etcd_members gauge
chef_backend_etcd_members 2
# HELP chef_backend_disk_free_bytes The room left for this node's files.
# TYPE chef_backend_disk_free_bytes gauge
chef_backend_disk_free_bytes{path="/var/log"} 943718400
# HELP chef_backend_disk_least_bytes The room that there should be.
# TYPE chef_backend_disk_least_bytes gauge
chef_backend_disk_least_bytes{path="/var/log"} 262144000
chef_backend_disk_least_bytes{path="/gone"} 262144000
"""


def test_the_metrics_are_those_that_dashboards_and_alerts_name() -> None:
    """A name that changes would leave an alert silent for ever."""
    assert render(told()) == METRICS


def test_the_metrics_come_whatever_does_not_answer() -> None:
    nothing = Snapshot(database=Database(error="no server", gone=True))
    text = render(told(nothing, Surroundings(etcd=EtcdState(error="no connection"))))
    for line in ("chef_backend_leader 0", "chef_backend_postgres_running 0", "chef_backend_etcd_reachable 0"):
        assert f"\n{line}\n" in text
