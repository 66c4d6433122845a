"""A node that runs, judged: a healthy one has nothing, and each fault has its finding, its evidence and its command."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alone import GUID, IP, created, member, report, seen, sources, standby

from chef_backend.base.folders import Access
from chef_backend.cluster import firststart
from chef_backend.cluster.ports import Holder
from chef_backend.elasticsearch.model import ClusterHealth, SearchUnavailable
from chef_backend.etcd.model import EtcdUnavailable
from chef_backend.health.checks.certificate import judge as judge_certificate
from chef_backend.health.checks.etcd import slow_ms
from chef_backend.health.checks.services import service
from chef_backend.health.doctor import DOCTORS_CHECKS, judged
from chef_backend.health.fake import FakeWorld
from chef_backend.health.finding import Finding, Severity
from chef_backend.health.gather import is_stopped
from chef_backend.health.seen import Certificate, Said, Seen, Served
from chef_backend.postgresql.control import Readiness
from chef_backend.postgresql.running import Difference
from chef_backend.reconfigure.fake import FakeNode
from chef_backend.resources.host import Kind, Observed
from chef_backend.status.answers import Told
from chef_backend.status.model import Disk, Failure, Restart
from chef_backend.supervise.state import Phase, Process, ServiceState
from chef_backend.supervise.supervisor import Order
from chef_backend.tls.due import Facts, Reason

OK, _, UNKNOWN, WARNING, CRITICAL = Severity
NOW = 1_000_000.0
CASES = Path(__file__).parent / "logs"
DAY = 86_400.0
HBA = Path("/var/opt/chef-backend/postgresql/15/data/pg_hba.conf")
SECRETS = Path("/etc/chef-backend/chef-backend-secrets.json")
THREE = (member("1" * 32, "10.0.2.1"), member("2" * 32, "10.0.2.2"), member(GUID, IP))
METRICS = """\
# TYPE etcd_disk_wal_fsync_duration_seconds histogram
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.001"} 2
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.008"} 90
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.016"} 100
etcd_disk_wal_fsync_duration_seconds_bucket{le="+Inf"} 100
etcd_disk_wal_fsync_duration_seconds_sum 0.13
etcd_disk_wal_fsync_duration_seconds_count 100
"""


def wrong(look: Seen) -> list[Finding]:
    """What is not as it should be."""
    return [finding for finding in judged(look, DOCTORS_CHECKS) if finding.severity is not OK]


def only(look: Seen) -> Finding:
    (found,) = wrong(look)
    return found


def test_a_healthy_node_has_nothing() -> None:
    """Of each part something was seen."""
    found = judged(seen(world=FakeWorld(pages={"http://127.0.0.1:2379/metrics": METRICS})), DOCTORS_CHECKS)
    assert [each for each in found if each.severity is not OK and each.code != "CB322"] == []
    assert {each.code for each in found} == {
        *("CB391", "CB130", "CB303", "CB301", "CB311", "CB312", "CB313", "CB314", "CB321", "CB322"),
        *("CB331", "CB351", "CB361", "CB371", "CB381", "CB382"),
    }


def test_a_node_in_no_cluster_is_told_what_makes_it_one() -> None:
    """Nothing else is asked for there."""
    found = only(seen(FakeNode()))
    assert (found.code, found.severity, found.value) == ("CB391", CRITICAL, "in none")
    assert "create-cluster" in found.fix


def test_a_member_that_lost_etcds_data_is_one_still() -> None:
    """PostgreSQL's is there: whoever is told to create a cluster next ends up at deleting it."""
    node = created()
    node.machine.supervisor.send("etcd", Order.DOWN)
    firststart.forget(node.host, node.paths)
    node.host.remove_folder(node.paths.etcd / "data/member")
    found = next(each for each in wrong(seen(node)) if each.code == "CB301")
    assert (found.subject, found.fix) == ("etcd", "chef-backend-ctl start etcd")
    assert "CB391" not in {each.code for each in wrong(seen(node))}


def test_an_interrupted_command_is_to_be_run_again() -> None:
    node = created()
    document = json.dumps({"format": 1, "doing": "creating"}).encode()
    node.host.add(node.paths.unfinished, Observed(Kind.FILE, content=document))
    found = next(each for each in wrong(seen(node)) if each.code == "CB391")
    assert (found.severity, found.value) == (CRITICAL, "creating, not finished")
    assert found.fix == "chef-backend-ctl create-cluster"


def test_a_service_that_is_down() -> None:
    """The command starts it; of PostgreSQL that is all that is said then."""
    node = created()
    node.machine.supervisor.send("postgresql", Order.DOWN)
    node.clock.advance(12)
    found = only(seen(node))
    assert (found.code, found.severity, found.value) == ("CB301", CRITICAL, "postgresql down 0d 0h 0m 12s")
    assert found.fix == "chef-backend-ctl start postgresql"


@pytest.mark.parametrize(("want", "evidence"), [("down", "somebody stopped it"), ("up", "it ended by itself")])
def test_who_ended_a_service(want: str, evidence: str) -> None:
    down = ServiceState("etcd", Process(Phase.DOWN, 0, NOW - 3, want=want))
    assert service("etcd", down, at=NOW, enabled=True, booted_s=900).evidence == evidence


def test_a_service_that_ends_again_and_again_says_why() -> None:
    """Its log's words are the evidence, and what they mean is the next step: `start` would not mend it."""
    node = created()
    log = Path("/var/log/chef-backend/postgresql/15/current")
    node.logs[log] = (CASES / "postgresql-owner.log").read_text().splitlines()
    down = ServiceState("postgresql", Process(Phase.DOWN, 0, node.machine.now(), want="up"))
    states = {"postgresql": down}
    found = next(each for each in wrong(seen(node, states=states)) if each.subject == "postgresql")
    assert found.evidence.splitlines() == [
        "it ended by itself",
        '[4417] FATAL:  could not open file "/var/opt/chef-backend/postgresql/15/data/PG_VERSION": Permission denied',
    ]
    assert found.fix.startswith("chown -R chef_pgsql: /var/opt/chef-backend/postgresql/15/data &&")


def test_a_service_of_which_nothing_is_known_is_to_be_looked_at() -> None:
    down = ServiceState("etcd", Process(Phase.DOWN, 0, NOW, want="up"))
    assert service("etcd", down, at=NOW, enabled=True, booted_s=900).fix == "chef-backend-ctl tail etcd"


@pytest.mark.parametrize("paused", [True, False])
def test_a_paused_process_is_told_from_one_that_works(*, paused: bool) -> None:
    """Whether its supervisor was asked for it or somebody sent the signal."""
    process = Process(Phase.RUN, 7, NOW - 500, paused=paused)
    found = service(
        "leaderl",
        ServiceState("leaderl", process),
        at=NOW,
        enabled=True,
        booted_s=900,
        said=Said(stopped=not paused),
    )
    assert (found.code, found.severity, found.fix) == ("CB305", CRITICAL, "chef-backend-ctl cont leaderl")


def test_a_process_is_stopped_by_its_stat() -> None:
    """The program's name may hold anything, a parenthesis too."""
    assert is_stopped("7 (a) T) T 1 7 7 0")
    assert not is_stopped("7 (python3) S 1 7 7 0")
    assert not is_stopped("")


def test_etcd_that_takes_no_writes_says_what_ends_that() -> None:
    world = FakeWorld(pages={"http://127.0.0.1:2379/health": '{"health":"false","reason":"ALARM NOSPACE"}'})
    found = only(seen(world=world, healthy={IP: False}))
    assert (found.code, found.value) == ("CB321", "takes no writes")
    assert "/opt/chef-backend/embedded/bin/etcdctl alarm disarm" in found.fix


def test_an_address_that_changed_is_to_be_told_to_etcd() -> None:
    """It keeps the one of the member's first start, and the other nodes and cluster-status go by it."""
    found = only(seen(etcd=(member(GUID, "10.0.2.99"),), healthy={"10.0.2.99": True}))
    assert (found.code, found.severity, found.evidence) == ("CB321", WARNING, "this node is 10.0.2.99 there")
    assert found.fix.endswith(f"/etcdctl member update {int(GUID, 16):x} --peer-urls=http://{IP}:2380")


def test_a_stranger_on_a_services_port() -> None:
    """It is named, and so is what it keeps from starting; what the supervisor started is none."""
    world = FakeWorld(listeners={2379: Holder(77, "/usr/sbin/nginx", 1), 2380: Holder(77, "/usr/sbin/nginx", 1)})
    found = only(seen(world=world))
    assert (found.code, found.severity, found.value) == ("CB121", CRITICAL, "2379 is taken by nginx")
    assert found.evidence == "/usr/sbin/nginx (pid 77) listens on 2379, 2380, for etcd"
    assert found.fix == "Stop /usr/sbin/nginx (pid 77), or set another port for etcd in chef-backend.rb."


def test_what_a_killed_runsv_left_is_to_be_ended() -> None:
    """It serves, and its supervisor starts another beside it again and again."""
    own = "/opt/chef-backend/embedded/bin"
    world = FakeWorld(listeners={5432: Holder(598, f"{own}/postgres", 1)})
    found = only(seen(world=world))
    assert (found.code, found.value, found.fix) == ("CB304", "postgres (pid 598)", "kill -INT 598")


def test_a_service_and_its_child_have_their_own_port() -> None:
    node = created()
    own = "/opt/chef-backend/embedded/bin/postgres"
    pid = node.pid("postgresql")
    for holder in (Holder(pid, own, 1), Holder(pid + 1000, own, pid), Holder()):
        assert wrong(seen(node, FakeWorld(listeners={5432: holder}))) == []


def test_a_service_that_nobody_supervises() -> None:
    """Its link is gone, or its runsv is."""
    lost = service("etcd", None, at=NOW, enabled=True, booted_s=900)
    gone = service("etcd", None, at=NOW, enabled=False, booted_s=900)
    assert (lost.severity, lost.value) == (CRITICAL, "etcd is not supervised")
    assert (gone.severity, gone.value, gone.fix) == (CRITICAL, "etcd is not enabled", "chef-backend-ctl reconfigure")


def test_a_service_that_has_just_started() -> None:
    """After a boot that is no wonder; later it may be starting again and again."""
    young = ServiceState("etcd", Process(Phase.RUN, 7, NOW - 20))
    after_boot = service("etcd", young, at=NOW, enabled=True, booted_s=80)
    assert (after_boot.code, after_boot.severity) == ("CB301", OK)
    later = service("etcd", young, at=NOW, enabled=True, booted_s=4000)
    assert (later.code, later.severity, later.value) == ("CB302", WARNING, "etcd up 20 s")


@pytest.mark.parametrize(
    ("seconds", "booted_s", "found"),
    [
        (2, 900, ("CB302", CRITICAL, "panic: no")),
        (20, 900, ("CB302", WARNING, "")),
        (2, 90, ("CB302", CRITICAL, "panic: no")),
    ],
)
def test_a_start_that_lasts_is_told_from_one_of_many(
    seconds: int, booted_s: int, found: tuple[str, Severity, str]
) -> None:
    """What was said before is over then; until then the service is as good as down, after a boot too."""
    young = ServiceState("etcd", Process(Phase.RUN, 7, NOW - seconds))
    each = service("etcd", young, at=NOW, enabled=True, booted_s=booted_s, said=Said("panic: no"))
    assert (each.code, each.severity, each.evidence) == found


def test_the_boot_is_as_old_as_the_oldest_process() -> None:
    """A service's log starts with the supervisor, and is seldom restarted."""
    node = created()
    node.machine.supervisor.send("etcd", Order.RESTART)
    node.clock.advance(20)
    assert only(seen(node)).severity is WARNING


def test_without_the_supervisor_nothing_runs() -> None:
    """One finding says it for all services."""
    node = created()
    node.services.running = False
    found = wrong(seen(node))
    assert [(each.code, each.severity) for each in found] == [("CB303", CRITICAL)]
    assert found[0].fix.startswith("`systemctl start chef-backend-runsvdir-start`")


@pytest.mark.parametrize(
    ("changed", "value", "evidence"),
    [
        ({"role": "waiting_for_leader", "leads": False}, "none", "be1 is waiting_for_leader"),
        (
            {"role": "waiting_for_leader", "leads": False, "reason": "nobody leads; this node may not: no room"},
            "none",
            "be1 is waiting_for_leader: nobody leads; this node may not: no room",
        ),
        ({"role": "promoting", "leads": False}, "none", "be1 is promoting"),
        ({"leads": False}, "be1, not open", "leaderl of be1 answers 503; its PostgreSQL is leader"),
        (
            {"leads": False, "reason": "0 followers stream, 1 are required"},
            "be1, not open",
            "leaderl of be1 answers 503: 0 followers stream, 1 are required; its PostgreSQL is leader",
        ),
    ],
)
def test_a_leader_that_is_missing_or_not_open(changed: dict[str, Any], value: str, evidence: str) -> None:
    """Frontends have nowhere to go."""
    node = created()
    own = report(node.clock.now().timestamp(), **changed)
    found = only(seen(node, told=Told(own, (own,)), posted=(own,)))
    assert (found.code, found.severity, found.value, found.evidence) == ("CB311", CRITICAL, value, evidence)


def test_a_leaderl_that_does_not_answer() -> None:
    """What it posted before does not count any more."""
    found = only(seen(told=EtcdUnavailable("connection refused")))
    assert (found.code, found.value, found.evidence) == ("CB311", "none", "connection refused")


@pytest.mark.parametrize(
    ("served", "evidence"),
    [
        (Served(Readiness(is_ready=False, reason="the database system is in recovery mode")), "in recovery mode"),
        (Failure("no answer within 7.5 s"), "no answer within 7.5 s"),
    ],
)
def test_a_postgresql_that_does_not_answer(served: Served | Failure, evidence: str) -> None:
    found = only(replace(seen(), served=served))
    assert (found.code, found.severity) == ("CB312", CRITICAL)
    assert evidence in found.evidence


def test_a_postgresql_that_is_open_without_leading() -> None:
    """Its writes will be lost; while leaderl still decides it is none."""
    node = created()
    at = node.clock.now().timestamp()
    stray = report(at, role="waiting_for_leader", leads=False, postgresql="unfenced")
    found = wrong(seen(node, told=Told(stray, ()), posted=()))
    assert [each.value for each in found] == ["none", "open without leading"]
    deciding = replace(stray, role="initializing")
    assert [each.value for each in wrong(seen(node, told=Told(deciding, ()), posted=()))] == ["none"]


def test_copies_that_do_not_follow() -> None:
    """One that catches up and one that is not there."""
    node = created()
    at = node.clock.now().timestamp()
    own = report(at, standbys=(standby("10.0.2.1", "catchup"),))
    others = tuple(replace(report(at - 1), guid=each.name, role="follower", name=each.name) for each in THREE[:2])
    healthy = {each.client_urls[0][7:-5]: True for each in THREE}
    look = seen(
        node,
        told=Told(own, (own, *others)),
        posted=(),
        etcd=THREE,
        healthy=healthy,
        health=ClusterHealth("green", 3),
    )
    found = only(look)
    assert (found.code, found.severity, found.value) == ("CB312", WARNING, "0 of 2 copies in step")
    fine = replace(own, standbys=(standby("10.0.2.1"), standby("10.0.2.2")))
    told = judged(seen(node, told=Told(fine, (fine, *others)), etcd=THREE), DOCTORS_CHECKS)
    assert next(each.value for each in told if each.code == "CB312") == "answers, 2 of 2 copies in step"


@pytest.mark.parametrize(
    ("healthy", "severity", "value"),
    [
        ({IP}, CRITICAL, "1 of 3 healthy"),
        ({IP, "10.0.2.1"}, WARNING, "2 of 3 healthy"),
        (set(), CRITICAL, "0 of 3 healthy"),
    ],
)
def test_members_of_etcd_that_are_ill(healthy: set[str], severity: Severity, value: str) -> None:
    """A minority is a warning, a majority the end of elections."""
    look = seen(etcd=THREE, healthy=dict.fromkeys(healthy, True))
    found = next(each for each in wrong(look) if each.code == "CB321")
    assert (found.severity, found.value) == (severity, value)
    assert "2" * 32 in found.evidence


def test_an_etcd_that_does_not_answer() -> None:
    node = created()
    look = seen(node, etcd=EtcdUnavailable("refused"), told=EtcdUnavailable("refused"), posted=())
    found = next(each for each in wrong(look) if each.code == "CB321")
    assert (found.severity, found.value, found.evidence) == (CRITICAL, "no answer", "refused")


def test_etcds_own_figures_for_its_disk() -> None:
    """The estimate is that of Prometheus; a few writes prove nothing."""
    assert slow_ms(METRICS) == pytest.approx(8 + 8 * 9 / 10)
    assert slow_ms(METRICS.replace("100", "99")) is None
    assert slow_ms("") is None
    beyond = METRICS.replace('{le="0.016"} 100', '{le="0.016"} 95')
    assert slow_ms(beyond) == pytest.approx(16)
    found = only(seen(world=FakeWorld(pages={"http://127.0.0.1:2379/metrics": METRICS})))
    assert (found.code, found.severity, found.value) == ("CB322", WARNING, "15.2 ms")


@pytest.mark.parametrize(
    ("changed", "severity", "value"),
    [
        ({"health": ClusterHealth("red", 1)}, CRITICAL, "red"),
        ({"health": SearchUnavailable("no answer in time")}, CRITICAL, "no answer"),
        ({"health": ClusterHealth("green", 2), "etcd": THREE}, WARNING, "green"),
        ({"health": ClusterHealth("yellow", 3), "etcd": THREE}, WARNING, "yellow"),
    ],
)
def test_elasticsearch(changed: dict[str, Any], severity: Severity, value: str) -> None:
    found = next(each for each in wrong(seen(**changed)) if each.code == "CB331")
    assert (found.severity, found.value) == (severity, value)


def test_a_node_that_is_alone_is_yellow_without_harm() -> None:
    """It has nowhere to put copies."""
    assert wrong(seen(health=ClusterHealth("yellow", 1))) == []


def test_a_service_that_is_switched_off_is_not_asked_for() -> None:
    assert wrong(seen(created("elasticsearch.enable = false"), health=SearchUnavailable("refused"))) == []


def test_disks() -> None:
    """Each by its own limit; one that cannot be told is as bad as a full one."""
    rooms = (Disk("/a", 249, 250), Disk("/b", -1, 250), Disk("/c", 250, 250))
    found = wrong(seen(rooms=rooms))
    assert [(each.code, each.severity, each.value) for each in found] == [
        ("CB351", CRITICAL, "249 MB at /a"),
        ("CB351", CRITICAL, "no answer at /b"),
    ]
    assert (found[0].limit, found[0].fix) == ("at least 250 MB", "du -xh /a | sort -h | tail")
    assert only(seen(rooms=OSError(5, "Input/output error"))).severity is UNKNOWN


def test_what_holds_postgresql_back() -> None:
    """By whom, and why, where leaderl wrote it."""
    node = created()
    text = json.dumps({"format": 1, "by": "leaderl", "at": "2026-01-01", "reason": "the lease ran out"}).encode()
    node.host.add(node.paths.unsynced, Observed(Kind.FILE))
    assert only(seen(node)).evidence == f"{node.paths.unsynced}: not written by leaderl"
    node.host.remove_file(node.paths.unsynced)
    node.host.add(node.paths.no_start_pgsql, Observed(Kind.FILE, content=text))
    found = next(each for each in wrong(seen(node)) if each.code == "CB313")
    assert (found.severity, found.evidence) == (
        CRITICAL,
        f"{node.paths.no_start_pgsql}: written by leaderl: the lease ran out",
    )


@pytest.mark.parametrize(
    ("facts", "due", "severity", "value"),
    [
        (Facts(has_certificate=False, has_key=True), Reason.MISSING, CRITICAL, "not there"),
        (Facts(has_certificate=True, has_key=True), Reason.UNREADABLE, CRITICAL, "cannot be read"),
        (Facts(has_certificate=True, has_key=True, ends_at=NOW), Reason.OTHER_KEY, CRITICAL, "not of its key"),
        (Facts(True, True, NOW - 1, matches=True), Reason.ENDS_SOON, CRITICAL, "has expired"),  # noqa: FBT003 - short
        (Facts(True, True, NOW + 10 * DAY, matches=True), Reason.ENDS_SOON, WARNING, "10 days left"),  # noqa: FBT003
        (Facts(True, True, NOW + 10 * DAY, matches=True), None, OK, "10 days left"),  # noqa: FBT003 - made for 60
    ],
)
def test_the_certificate(facts: Facts, due: Reason | None, severity: Severity, value: str) -> None:
    """One that is made here is renewed by reconfigure."""
    found = judge_certificate(Certificate(Path("/x.crt"), facts, is_own=False, due=due), NOW)
    assert (found.severity, found.value) == (severity, value)
    assert severity is OK or found.fix == "chef-backend-ctl reconfigure"


def test_the_operators_own_certificate_ends_soon_30_days_before() -> None:
    """And is replaced by the operator."""
    for days, severity in ((29, WARNING), (30, OK)):
        facts = Facts(has_certificate=True, has_key=True, ends_at=NOW + days * DAY, matches=True)
        found = judge_certificate(Certificate(Path("/x.crt"), facts, is_own=True), NOW)
        assert found.severity is severity
        assert found.fix != "chef-backend-ctl reconfigure"


def test_restarts_that_are_due() -> None:
    """By the receipt, and by what PostgreSQL itself waits for, once each."""
    owed = (Restart("etcd", ("/x",), "chef-backend-ctl restart etcd"),)
    waits = Difference("max_connections", "400", "350", pending_restart=True, source="/x/postgresql.conf")
    look = replace(seen(owed=owed), served=Served(Readiness(is_ready=True), (waits,)))
    found = wrong(look)
    assert [(each.value, each.evidence, each.fix) for each in found] == [
        ("etcd is due", "/x", "chef-backend-ctl restart etcd"),
        ("postgresql is due", "max_connections", "chef-backend-ctl restart postgresql"),
    ]
    assert {each.severity for each in found} == {WARNING}


def test_somebody_elses_edit_and_an_open_secret() -> None:
    """The change is named, its content is not; who can read the passwords is critical."""
    node = created()
    there = node.host.observe(HBA)
    node.host.write_file(
        HBA, there.content + b"host all all 0.0.0.0/0 trust\n", Access(there.uid, there.gid, there.mode)
    )
    found = only(seen(node))
    assert (found.code, found.severity, found.value) == ("CB381", WARNING, "1 change to make")
    assert f"update {HBA} (edited" in found.evidence
    assert "trust" not in found.evidence
    secret = node.host.observe(SECRETS)
    node.host.write_file(SECRETS, secret.content, Access(secret.uid, secret.gid, 0o644))
    opened = next(each for each in wrong(seen(node)) if each.code == "CB382")
    assert (opened.severity, opened.limit) == (CRITICAL, "root:chef_pgsql 0640")
    assert opened.evidence == f"{SECRETS} is root:chef_pgsql 0644"


def test_a_setting_that_something_else_overrides() -> None:
    """With the way to be rid of it."""
    by_sql = Difference("work_mem", "8MB", "9216kB", pending_restart=False, source="/x/postgresql.auto.conf")
    by_file = replace(by_sql, source="/x/own.conf")
    found = wrong(replace(seen(), served=Served(Readiness(is_ready=True), (by_sql, by_file))))
    assert [each.value for each in found] == ["PostgreSQL's work_mem"] * 2
    assert [each.fix.partition(";")[0] for each in found] == [
        "alter system reset work_mem",
        "take work_mem out of /x/own.conf",
    ]


def test_mistakes_in_the_configuration_are_a_warning_on_a_node_that_runs() -> None:
    """Its services go on; what follows from the configuration cannot be compared."""
    node = created()
    node.text = "postgresql.max_conections = 3\n"
    found = wrong(seen(node))
    assert [(each.code, each.severity) for each in found] == [("CB130", WARNING), ("CB381", UNKNOWN)]
    assert "max_connections" in found[0].evidence


def test_a_node_that_contradicts_itself() -> None:
    """Its identity is damaged: nothing can be planned, and the services are looked at all the same."""
    node = created()
    node.host.add(node.paths.identity, Observed(Kind.FILE, content=b"?"))
    found = wrong(seen(node))
    assert [(each.code, each.severity) for each in found] == [("CB170", WARNING), ("CB381", UNKNOWN)]
    assert "CB301" in {each.code for each in judged(seen(node), DOCTORS_CHECKS)}


def test_nothing_is_changed_by_a_look() -> None:
    """No file, no order, no reload."""
    node = created()
    before, orders = dict(node.host.tree), list(node.services.orders)
    seen(node)
    assert node.host.tree == before
    assert node.services.orders == orders
    assert node.postgresql.reloads == 0
    assert sources(node) is not None
