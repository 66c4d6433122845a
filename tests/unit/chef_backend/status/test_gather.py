"""Everybody is asked at once; who does not answer is a cell, and holds nobody up."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from three_nodes import GUIDS, IPS, NOW, SERVICES, report, sources, state

from chef_backend.base.clock import FakeClock, SystemClock
from chef_backend.base.errors import Conflict
from chef_backend.elasticsearch.model import ClusterHealth, SearchUnavailable
from chef_backend.etcd.model import EtcdUnavailable
from chef_backend.leader.model import Role
from chef_backend.status import render
from chef_backend.status.answers import Answers, Told
from chef_backend.status.ask import Questions
from chef_backend.status.fake import FakeSources
from chef_backend.status.gather import gather
from chef_backend.status.members import cluster
from chef_backend.status.model import Failure, Restart
from chef_backend.status.node import node_status
from chef_backend.status.real import LeaderlUnavailable

CUT_OFF = EtcdUnavailable("u: no connection")
REFUSED = LeaderlUnavailable("http://127.0.0.1:7331/status: connection refused")


def answers(given: FakeSources) -> Answers:
    return gather(given, FakeClock(NOW))


def cells(given: FakeSources) -> dict[str, str]:
    """The last column of both tables by row."""
    shown = node_status(answers(given)).distributed
    return {name: str(getattr(shown, name)) for name in (*SERVICES, "disks")}


def test_a_healthy_cluster_has_the_contracts_cells() -> None:
    assert cells(sources()) == {
        "leaderl": "leader: 1; waiting: 0; follower: 2; total: 3",
        "etcd": "health: green; healthy nodes: 3/3",
        "postgresql": "leader: 1; offline: 0; syncing: 0; synced: 2",
        "elasticsearch": "state: green; nodes online: 3/3",
        "disks": "health: green; healthy nodes: 3/3",
    }


def test_rows_are_in_the_contracts_order() -> None:
    """leaderl first; services that the contract does not know come last."""
    found = node_status(answers(sources(states={name: state(name) for name in ("zebra", *SERVICES)})))
    assert [service.name for service in found.services] == ["leaderl", "etcd", "postgresql", "elasticsearch", "zebra"]


@pytest.mark.parametrize(
    ("changed", "row", "cell"),
    [
        ({"health": SearchUnavailable("u: connection refused")}, "elasticsearch", "error: u: connection refused"),
        (
            {"etcd": EtcdUnavailable("u: no connection"), "posted": (), "told": REFUSED},
            "etcd",
            "error: u: no connection",
        ),
        ({"posted": EtcdUnavailable("u"), "told": REFUSED}, "leaderl", f"error: {REFUSED.message}"),
        ({"posted": EtcdUnavailable("u"), "told": REFUSED}, "disks", f"error: {REFUSED.message}"),
        (
            {"posted": EtcdUnavailable("u"), "told": REFUSED},
            "postgresql",
            "error: could not reach pgsql leader for replication stats",
        ),
    ],
)
def test_a_source_that_fails_is_its_own_cell(changed: dict[str, Any], row: str, cell: str) -> None:
    """And the others are as they were."""
    found = cells(sources(**changed))
    assert found[row] == cell
    if row == "elasticsearch":
        assert found | {row: cells(sources())[row]} == cells(sources())


def test_when_everybody_fails_the_tables_are_there_all_the_same() -> None:
    """Each cell says why, no row is missing, and the exit code counts only this node's services."""
    error = Conflict("sys.config: no such file\nand more", hint="reconfigure")
    failing = sources(
        whoami=error, told=error, posted=error, etcd=error, health=error, nodes=error, rooms=error, owed=error
    )
    failing.states = dict.fromkeys(SERVICES)
    status = node_status(answers(failing))
    lines = render.tables(status).splitlines()
    assert [line.split()[0] for line in lines if line] == [
        *("Service", "leaderl", "etcd", "postgresql", "elasticsearch"),
        *("System", "disks", "restart"),
    ]
    assert all("error: " in line for line in lines if line and line.split()[0] not in {"Service", "System"})
    assert "and more" not in render.tables(status)
    assert status.bad == 4
    assert render.document(status)["ok"] is False
    assert cluster(answers(failing)).members == ()


def test_what_hangs_costs_its_own_answer_only() -> None:
    """A disk that never answers, say, is named when the time is over; the program could end meanwhile."""
    never = threading.Event()
    clock = FakeClock()
    asked = Questions(clock, 20)
    hanging, answering = asked.ask(never.wait), asked.ask(lambda: 7)
    assert answering() == 7
    clock.advance(20)
    assert hanging() == Failure("no answer within 20 s")
    assert answering() == 7
    never.set()


def test_all_are_asked_at_once() -> None:
    """Each source waits here until all others are asked too."""
    names = {"me", "leaderl", "posts", "members", "search", "search_nodes", "disks", "restarts"}
    together = threading.Barrier(len(names))
    given = sources(before=lambda name: together.wait(10) if name in names else None)
    assert not isinstance(gather(given, SystemClock()).disks, Failure)


def test_a_bug_in_a_source_is_not_taken_for_its_silence() -> None:
    with pytest.raises(ZeroDivisionError):
        answers(sources(told=ZeroDivisionError("a bug")))


def test_etcds_members_are_asked_one_by_one() -> None:
    """One that does not answer, and one that says no, are not healthy."""
    assert cells(sources(healthy={IPS[0]: True}))["etcd"] == "health: red; healthy nodes: 1/3"
    assert cells(sources(healthy={IPS[0]: True, IPS[2]: True}))["etcd"] == "health: yellow; healthy nodes: 2/3"


def test_without_a_majority_of_etcd_its_members_are_known_from_leaderl() -> None:
    """Those are asked, so that one sees which of them runs: a lost majority is not one more silence."""
    lost = sources(etcd=EtcdUnavailable("u: timeout"), posted=EtcdUnavailable("u"), healthy={})
    assert cells(lost)["etcd"] == "health: red; healthy nodes: 0/3"
    assert cells(lost)["leaderl"] == "leader: 1; waiting: 0; follower: 2; total: 3"


def test_a_node_that_is_gone_is_in_the_total_alone() -> None:
    """Its last word is too old to count."""
    posted = (report(0, Role.LEADER, ago_s=8), report(1, ago_s=3), report(2, ago_s=600))
    found = cells(sources(posted=posted, told=Told(report(0, Role.LEADER), posted)))
    assert found["leaderl"] == "leader: 1; waiting: 0; follower: 1; total: 3"
    assert found["disks"] == "health: yellow; healthy nodes: 2/3"


def test_of_two_that_say_they_lead_the_latest_epoch_is_right() -> None:
    """The other's word is from before it was deposed."""
    posted = (report(0, Role.LEADER, ago_s=20, epoch=4), report(1, Role.LEADER, ago_s=1, epoch=5), report(2))
    found = sources(posted=posted, told=Told(report(2), posted))
    found.whoami = type(found.whoami)(GUIDS[2], "backend-3", IPS[2], 35.0)  # type: ignore[call-arg,arg-type]
    assert cells(found)["leaderl"] == "leader: 1; waiting: 0; follower: 1; total: 3"
    roles = {row.guid: row.role for row in cluster(answers(found)).members}
    assert roles == {GUIDS[0]: "unknown", GUIDS[1]: "leader", GUIDS[2]: "follower"}


def test_a_node_whose_leaderl_is_down_does_not_lead_by_its_last_post() -> None:
    """On a single node that means: leaderl's cell says that it does not answer."""
    alone = {"etcd": sources().members()[:1], "posted": (report(0, Role.LEADER, ago_s=2),), "told": REFUSED}
    assert cells(sources(**alone))["leaderl"] == f"error: {REFUSED.message}"


def test_states_on_the_way_are_waiting() -> None:
    """Initialising, promoting and deposed nodes neither lead nor follow."""
    posted = (report(0, Role.PROMOTING), report(1, Role.DEPOSED), report(2, Role.WAITING))
    found = cells(sources(posted=posted, told=Told(report(0, Role.PROMOTING), posted)))
    assert found["leaderl"] == "leader: 0; waiting: 3; follower: 0; total: 3"
    assert found["postgresql"] == "error: could not reach pgsql leader for replication stats"


def test_a_full_disk_of_another_node_is_seen_here() -> None:
    posted = (report(0, Role.LEADER), report(1, free_mb=10), report(2))
    assert cells(sources(posted=posted, told=Told(posted[0], posted)))["disks"] == "health: yellow; healthy nodes: 2/3"


def test_one_node_is_a_whole_cluster() -> None:
    """Nothing of a single node's status waits for others."""
    alone = report(0, Role.LEADER)
    alone = type(alone)(**{**{name: getattr(alone, name) for name in alone.__slots__}, "standbys": ()})
    found = sources(
        etcd=sources().members()[:1], posted=(alone,), told=Told(alone, (alone,)), health=ClusterHealth("green", 1)
    )
    assert cells(found) == {
        "leaderl": "leader: 1; waiting: 0; follower: 0; total: 1",
        "etcd": "health: green; healthy nodes: 1/1",
        "postgresql": "leader: 1; offline: 0; syncing: 0; synced: 0",
        "elasticsearch": "state: green; nodes online: 1/1",
        "disks": "health: green; healthy nodes: 1/1",
    }


def test_due_restarts_are_below_the_tables() -> None:
    owed = (Restart("postgresql", ("max_connections",), "chef-backend-ctl restart postgresql"),)
    last = render.tables(node_status(answers(sources(owed=owed)))).splitlines()[-1]
    assert last.rstrip() == ("restart  postgresql: due for max_connections  chef-backend-ctl restart postgresql")


def test_one_services_status_is_its_row() -> None:
    """The exit code is that service's."""
    given = sources()
    given.states = {**given.states, "etcd": state("etcd", pid=0)}
    whole = node_status(answers(given))
    assert whole.bad == 1
    assert whole.of("leaderl").bad == 0
    assert [line.split()[0] for line in render.service_table(whole.of("etcd")).splitlines()] == ["Service", "etcd"]
