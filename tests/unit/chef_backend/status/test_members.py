"""Who is in the cluster, and what each is: from etcd, from the nodes' words, and from Elasticsearch's list."""

from __future__ import annotations

from dataclasses import replace

from three_nodes import GUIDS, IPS, NOW, member, report, sources, told

from chef_backend.base.clock import FakeClock
from chef_backend.elasticsearch.model import SearchUnavailable
from chef_backend.etcd.model import EtcdUnavailable, Member
from chef_backend.leader.model import Role
from chef_backend.status.answers import Told
from chef_backend.status.cluster import cluster_table, document
from chef_backend.status.fake import FakeSources
from chef_backend.status.gather import gather
from chef_backend.status.members import cluster
from chef_backend.status.model import ClusterStatus
from chef_backend.status.real import LeaderlUnavailable
from chef_backend.status.report import parse_peers, parse_report


def shown(given: FakeSources) -> ClusterStatus:
    return cluster(gather(given, FakeClock(NOW)))


def rows(given: FakeSources) -> list[list[str]]:
    return [line.split() for line in cluster_table(shown(given)).splitlines()[1:]]


def test_a_healthy_cluster() -> None:
    assert rows(sources()) == [
        ["backend-1", IPS[0], GUIDS[0], "leader", "leader", "not_master"],
        ["backend-2", IPS[1], GUIDS[1], "follower", "follower", "not_master"],
        ["backend-3", IPS[2], GUIDS[2], "follower", "follower", "master"],
    ]


def test_whom_a_node_follows_and_how_far_behind_it_is() -> None:
    """By name, with the lag that the leader sees, and the age of the word."""
    lines = cluster_table(shown(sources()), extended=True).splitlines()
    assert lines[0].split()[6:] == ["Follows", "Timeline", "Lag", "Seen", "Blocked", "Eligible", "Version"]
    assert lines[2].split()[6:] == ["backend-1", "2", "16", "bytes", "0d", "0h", "0m", "3s", "-", "true", "3.2.0"]


def test_why_a_node_does_not_lead_is_in_the_document() -> None:
    """In its leaderl's own words; the table has no room for them."""
    waiting = replace(report(0), role="waiting_for_leader", reason="nobody leads; this node may not: no room")
    found = document(shown(sources(told=Told(waiting, ()), posted=(report(1), report(2)))))
    assert found["nodes"][0]["reason"] == "nobody leads; this node may not: no room"


def test_a_node_that_is_gone_is_listed_with_what_is_known_of_it() -> None:
    """Its role is not what it said an hour ago."""
    posted = (report(0, Role.LEADER), report(1), report(2, ago_s=3600))
    found = sources(posted=posted, told=Told(report(0, Role.LEADER), posted), nodes=sources().search_nodes()[:2])
    assert rows(found)[2] == ["backend-3", IPS[2], GUIDS[2], "unknown", "unknown", "offline"]
    assert shown(found).members[2].seen_s == 3600


def test_a_member_that_never_started_is_a_row() -> None:
    """Between `member add` and its first start it has no name yet."""
    joining = Member(9, "", ("http://10.0.0.9:2380",), ())
    found = rows(sources(etcd=(*map(member, range(3)), joining)))
    assert found[0] == ["10.0.0.9", "10.0.0.9", "not_started", "unknown", "unknown", "offline"]


def test_without_etcd_the_nodes_are_those_that_leaderl_heard_of() -> None:
    """The failure is named beside them."""
    found = shown(sources(etcd=EtcdUnavailable("u: timeout"), posted=EtcdUnavailable("u: timeout")))
    assert [row.guid for row in found.members] == list(GUIDS)
    assert document(found)["errors"] == [{"source": "etcd", "message": "u: timeout"}]


def test_when_nobody_answers_this_node_is_a_row_all_the_same() -> None:
    """Automation reads the exit code, and people the reasons."""
    silent = sources(
        etcd=EtcdUnavailable("a"),
        posted=EtcdUnavailable("b"),
        told=LeaderlUnavailable("c"),
        nodes=SearchUnavailable("d"),
    )
    assert rows(silent) == [["backend-1", IPS[0], GUIDS[0], "unknown", "unknown", "unknown"]]
    assert [each["source"] for each in document(shown(silent))["errors"]] == ["elasticsearch", "etcd", "leaderl"]


def test_without_elasticsearchs_list_each_nodes_own_word_counts() -> None:
    assert [row[5] for row in rows(sources(nodes=SearchUnavailable("d")))] == ["not_master", "not_master", "master"]


def test_what_is_no_report_is_passed_over() -> None:
    """Of a later version, damaged, or not there: never a failure of the whole."""
    good = told(1)
    assert parse_report(good) is not None
    for key in good:
        if key not in {"schema_version", "reason", "no_start_pgsql"}:
            assert parse_report({name: value for name, value in good.items() if name != key}) is None
    assert parse_report(None) is None
    assert parse_report({**good, "at": "soon"}) is None
    assert parse_peers({"nodes": {"x": {"error": "not JSON"}, "y": good}}) == (report(1),)
    assert parse_peers({}) == ()
