"""The tables that other people's tools read, to the letter."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chef_backend.status import cluster, render
from chef_backend.status.model import (
    ClusterStatus,
    Disk,
    Distributed,
    Failure,
    Healthy,
    Member,
    NodeStatus,
    Online,
    Replication,
    Restart,
    Roles,
    Service,
)
from chef_backend.status.table import duration, shown, table
from chef_backend.supervise.state import Phase, Process, ServiceState

# The regular expression of a public diagnosis tool.
THIRD_PARTY = re.compile(r"^(\w+)\s+(\w+)\s+\(pid (\w+)\)\s+(\d+d \d+h \d+m \d+s)\s+(.*)$")
AT = 1_800_000_000.0
DAY = 86400
LONG = 27 * DAY + 9 * 3600 + 51 * 60
CELL = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=12)


def service(name: str, pid: int, seconds: float, log: Process | None = None) -> Service:
    phase = Phase.RUN if pid else Phase.DOWN
    return Service(name, ServiceState(name, Process(phase, pid, AT - seconds), log=log))


def degraded() -> NodeStatus:
    return NodeStatus(
        at=AT,
        services=(
            service("leaderl", 22080, LONG + 38),
            service("etcd", 22137, LONG + 37, Process(Phase.RUN, 6630, AT - LONG - 40)),
            service("postgresql", 0, 627),
            service("elasticsearch", 5758, 7 * DAY + 10 * 3600 + 30 * 60 + 21),
        ),
        distributed=Distributed(
            leaderl=Roles(0, 3, 0, 3),
            etcd=Healthy(3, 3),
            postgresql=Failure("could not reach pgsql leader for replication stats"),
            elasticsearch=Online("green", 3, 3),
            disks=Healthy(3, 3),
        ),
        disks=(Disk("/var/log/chef-backend", 900, 250), Disk("/var/opt/chef-backend", 250, 250)),
    )


def test_status_is_the_contracts_sample() -> None:
    """Columns, blanks at the ends of lines, and the empty line between the tables are the public sample's."""
    assert render.tables(degraded()).splitlines() == [
        "Service        Local Status         Time in State   Distributed Node Status                                  ",
        "leaderl        running (pid 22080)  27d 9h 51m 38s  leader: 0; waiting: 3; follower: 0; total: 3             ",
        "etcd           running (pid 22137)  27d 9h 51m 37s  health: green; healthy nodes: 3/3                        ",
        "postgresql     down                 0d 0h 10m 27s   error: could not reach pgsql leader for replication stats",
        "elasticsearch  running (pid 5758)   7d 10h 30m 21s  state: green; nodes online: 3/3                          ",
        "",
        "System  Local Status                                          Distributed Node Status          ",
        "disks   /var/log/chef-backend: OK; /var/opt/chef-backend: OK  health: green; healthy nodes: 3/3",
    ]


def test_third_parties_read_every_running_service() -> None:
    """Their expression finds name, state, pid, time and cell of what runs, and nothing else."""
    found = [match.groups() for line in render.tables(degraded()).splitlines() if (match := THIRD_PARTY.match(line))]
    assert [row[:4] for row in found] == [
        ("leaderl", "running", "22080", "27d 9h 51m 38s"),
        ("etcd", "running", "22137", "27d 9h 51m 37s"),
        ("elasticsearch", "running", "5758", "7d 10h 30m 21s"),
    ]
    assert found[0][4].startswith("leader: 0; waiting: 3; follower: 0; total: 3")


def test_healthy_cells() -> None:
    """The cells of a healthy cluster are the seed's."""
    assert str(Roles(1, 0, 2, 3)) == "leader: 1; waiting: 0; follower: 2; total: 3"
    assert str(Replication(1, 0, 0, 2)) == "leader: 1; offline: 0; syncing: 0; synced: 2"
    assert str(Healthy(2, 3)) == "health: yellow; healthy nodes: 2/3"
    assert str(Healthy(1, 3)) == "health: red; healthy nodes: 1/3"
    assert str(Healthy(1, 1)) == "health: green; healthy nodes: 1/1"


def test_simple_lines_are_runits() -> None:
    """With the log's process, where there is one."""
    assert render.simple_lines(degraded().services, AT).splitlines() == [
        "run: leaderl: (pid 22080) 2368298s",
        "run: etcd: (pid 22137) 2368297s; run: log: (pid 6630) 2368300s",
        "down: postgresql: 627s, normally up",
        "run: elasticsearch: (pid 5758) 642621s",
    ]
    silent = Service("etcd", Failure("runsv not running"))
    assert render.simple_lines([silent], AT) == "fail: etcd: runsv not running\n"


def test_the_exit_code_counts_what_is_not_as_it_should_be() -> None:
    """A degraded cluster is none of it; nor is a service that is to be down."""
    status = degraded()
    assert status.bad == 1
    waiting = Service("leaderl", ServiceState("leaderl", Process(Phase.DOWN, 0, AT), normally_up=False))
    lost = Service("etcd", Failure("the supervisor does not run"))
    assert replace(status, services=(waiting, lost)).bad == 1


def test_a_restart_that_is_due_has_a_row_and_the_command() -> None:
    """Only then is there a third row."""
    restart = Restart("postgresql", ("shared_buffers",), "chef-backend-ctl restart postgresql")
    due = replace(degraded(), restarts=(restart,))
    assert re.split(r"  +", render.system_table(due).splitlines()[2].rstrip()) == [
        "restart",
        "postgresql: due for shared_buffers",
        "chef-backend-ctl restart postgresql",
    ]


def test_status_as_json() -> None:
    """Failures are errors by name; the numbers of the cells are numbers."""
    document = render.document(degraded())
    assert document["schema_version"] == 1
    assert document["ok"] is False
    assert document["services"][1] == {
        "name": "etcd",
        "fine": True,
        "local": {"state": "running", "pid": 22137, "seconds": 2368297, "normally_up": True},
        "cluster": {"state": "green", "nodes": 3, "total": 3},
    }
    assert document["services"][2]["cluster"] == {"error": "could not reach pgsql leader for replication stats"}
    assert document["disks"]["local"][0]["fine"] is True


MEMBERS = (
    Member("backend-1", "192.168.33.215", "dc0c6ea77a751f94037cd950e8451fa3", "leader", "leader", "not_master"),
    Member("backend-2", "192.168.33.216", "008782c59d3628b6bb7f43556ac0c66c", "follower", "follower", "not_master"),
    Member("backend-3", "192.168.33.217", "1af654172b1830927a571d9a5ba7965b", "follower", "follower", "master"),
)


def test_cluster_status_is_the_contracts_sample() -> None:
    """Two blanks between columns, as wide as the widest cell."""
    assert [line.rstrip() for line in cluster.cluster_table(ClusterStatus(MEMBERS)).splitlines()] == [
        "Name       IP              GUID                              Role      PG        ES",
        "backend-1  192.168.33.215  dc0c6ea77a751f94037cd950e8451fa3  leader    leader    not_master",
        "backend-2  192.168.33.216  008782c59d3628b6bb7f43556ac0c66c  follower  follower  not_master",
        "backend-3  192.168.33.217  1af654172b1830927a571d9a5ba7965b  follower  follower  master",
    ]


@pytest.mark.parametrize("extended", [False, True])
def test_public_scripts_find_the_leader(*, extended: bool) -> None:
    """`awk '/leader.*leader/{print $3}'` gives the leader's GUID alone, with waiting and deposed nodes around it."""
    others = (
        Member("b4", "10.0.0.4", "4" * 32, "deposed_leader", "follower", "not_master", follows=MEMBERS[0].guid),
        Member("b5", "10.0.0.5", "5" * 32, "waiting_for_leader", "offline", "unknown"),
    )
    text = cluster.cluster_table(ClusterStatus((*MEMBERS, *others)), extended=extended)
    assert [line.split()[2] for line in text.splitlines() if re.search("leader.*leader", line)] == [MEMBERS[0].guid]


def test_cluster_status_as_json() -> None:
    """Every node with the contract's six facts and more; sources that failed are named."""
    document = cluster.document(ClusterStatus(MEMBERS, {"leaderl": Failure("connection refused")}))
    assert document["schema_version"] == 1
    assert {"name", "ip", "guid", "role", "pg", "es", "follows", "blocked", "eligible"} <= set(document["nodes"][0])
    assert document["errors"] == [{"source": "leaderl", "message": "connection refused"}]


@given(st.integers(1, 5).flatmap(lambda n: st.lists(st.lists(CELL, min_size=n, max_size=n), min_size=1, max_size=6)))
def test_a_table_can_be_cut_at_its_columns(rows: list[list[str]]) -> None:
    """Every line is as long as the first, and each column begins at the same place in all of them."""
    lines = table(rows[0], rows[1:]).split("\n")[:-1]
    assert len(lines) == len(rows)
    assert len({len(line) for line in lines}) == 1
    assert all(char.isprintable() for line in lines for char in line)
    for row, line in zip(rows, lines, strict=True):
        if all(cell.isprintable() and "\\" not in cell for cell in row):
            assert "".join(line.split()) == "".join("".join(row).split())


@given(st.integers(0, 10**9))
def test_a_duration_says_every_second(seconds: int) -> None:
    """The parts add up, and third parties' expression finds them."""
    text = duration(seconds)
    match = re.fullmatch(r"(\d+)d (\d+)h (\d+)m (\d+)s", text)
    assert match is not None
    days, hours, minutes, rest = map(int, match.groups())
    assert ((days * 24 + hours) * 60 + minutes) * 60 + rest == seconds
    assert hours < 24
    assert minutes < 60
    assert rest < 60


def test_time_never_runs_backwards() -> None:
    """A clock that was set back shows no negative time."""
    assert duration(-5) == "0d 0h 0m 0s"


def test_a_terminal_gets_no_blanks_at_the_ends_of_lines() -> None:
    """They would break lines where the table just fits; what is piped has the contract's."""
    text = render.tables(degraded())
    assert shown(text, to_terminal=False) == text
    assert shown(text, to_terminal=True).splitlines() == [line.rstrip() for line in text.splitlines()]
