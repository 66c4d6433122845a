"""What a reconfigure does to a node: its files, its services, its PostgreSQL."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import pytest
from made import configured, created

from chef_backend.base.errors import Busy, Conflict, InvalidSecrets, ServiceFailed
from chef_backend.postgresql.running import Running
from chef_backend.reconfigure.fake import FakeNode
from chef_backend.reconfigure.membership import Membership
from chef_backend.reconfigure.report import closing_lines
from chef_backend.reconfigure.run import TITLES, files_only, preview, reconfigure
from chef_backend.reconfigure.steps import Silent
from chef_backend.resources.effects import Effect
from chef_backend.resources.host import Kind, Observed
from chef_backend.supervise.supervisor import Order

SERVICES = ("etcd", "postgresql", "elasticsearch", "leaderl")


def conf(node: FakeNode) -> Path:
    return node.paths.postgresql_data(node.facts.postgresql_major) / "postgresql.conf"


@pytest.mark.parametrize("major", ["9.5", "15"])
def test_a_second_run_has_an_empty_plan_and_changes_nothing(major: str) -> None:
    node = created(major=major)
    configured(node, "postgresql.work_mem = '9MB'\netcd.snapshot_count = 6000")
    changes = node.host.changes
    outcome = configured(node)
    assert outcome.plan.is_empty
    assert outcome.plan.effects == {}
    assert node.host.changes == changes
    assert list(closing_lines(outcome)) == []


def test_only_what_owes_it_is_restarted() -> None:
    node = created()
    before = {name: node.pid(name) for name in SERVICES}
    configured(node, "etcd.snapshot_count = 6000")
    assert {name for name in SERVICES if node.pid(name) != before[name]} == {"etcd"}
    assert node.is_current("etcd")


def test_a_log_that_rotates_otherwise_is_told_and_its_service_left_alone() -> None:
    node = created()
    before = {name: node.pid(name) for name in SERVICES}
    configured(node, "etcd.log_rotation.file_maxbytes = 5000000")
    assert {name: node.pid(name) for name in SERVICES} == before
    assert node.services.orders[-1][0] == "etcd/log"


def test_postgresql_is_reloaded_and_its_running_settings_are_compared() -> None:
    node = created()
    pid = node.pid("postgresql")
    outcome = configured(node, "postgresql.work_mem = '9MB'")
    assert (node.pid("postgresql"), node.postgresql.settings["work_mem"].value) == (pid, "9MB")
    assert outcome.differences == ()
    assert outcome.receipt.pending == {}


def test_a_variable_for_postgresql_waits_for_its_restart() -> None:
    """The server cannot tell that it does not have it yet."""
    node = created()
    pid = node.pid("postgresql")
    for _ in range(2):
        outcome = configured(node, "postgresql.environment = {'TZ' => 'UTC'}")
        assert outcome.receipt.pending["postgresql"].effect is Effect.RESTART
        assert "what it had before the change of /opt/chef-backend/sv/postgresql/env/TZ" in "".join(
            closing_lines(outcome)
        )
    assert node.pid("postgresql") == pid
    after = configured(node, "postgresql.environment = {'TZ' => 'UTC'}", apply_restarts=True)
    assert (node.pid("postgresql") != pid, after.receipt.pending) == (True, {})


def test_postgresql_is_restarted_only_where_that_is_asked_for() -> None:
    node = created()
    pid = node.pid("postgresql")
    outcome = configured(node, "postgresql.max_connections = 400\npostgresql.work_mem = '9MB'")
    assert (node.pid("postgresql"), node.postgresql.settings["work_mem"].value) == (pid, "9MB")
    assert outcome.receipt.pending["postgresql"].effect is Effect.RESTART
    assert list(closing_lines(outcome)) == [
        "PostgreSQL was not restarted. Until it is, it runs with max_connections = 350 (wanted: 400)",
        "hint: chef-backend-ctl reconfigure --apply-restarts, or chef-backend-ctl restart postgresql",
    ]
    again = configured(node)
    assert again.plan.is_empty
    assert again.receipt.pending["postgresql"].effect is Effect.RESTART
    assert node.pid("postgresql") == pid
    done = configured(node, apply_restarts=True)
    assert node.pid("postgresql") != pid
    assert (done.receipt.pending, done.differences) == ({}, ())


def test_a_restart_by_anybody_settles_what_was_pending() -> None:
    node = created()
    configured(node, "postgresql.max_connections = 400")
    node.clock.advance(60)
    node.crash("postgresql")
    outcome = configured(node)
    assert (outcome.receipt.pending, outcome.differences) == ({}, ())


def test_a_setting_that_is_as_it_was_again_waits_for_no_restart() -> None:
    """The server itself says that nothing waits: max_connections never ran otherwise."""
    node = created()
    configured(node, "postgresql.max_connections = 400")
    outcome = configured(node, "")
    assert outcome.receipt.pending == {}
    assert list(closing_lines(outcome)) == []


def test_a_server_that_began_to_serve_later_than_its_script_has_what_its_files_say() -> None:
    """The run script waits while no-start-pgsql is there: for runsv the service is up, PostgreSQL is not."""
    node = created()
    node.host.add(node.paths.no_start_pgsql, Observed(Kind.FILE))
    node.crash("postgresql")
    held = configured(node, "postgresql.max_connections = 400")
    assert "keeps it from starting" in "\n".join(closing_lines(held))
    assert held.receipt.pending["postgresql"].effect is Effect.RESTART
    node.host.remove_file(node.paths.no_start_pgsql)
    outcome = configured(node)
    assert node.postgresql.settings["max_connections"].value == "400"
    assert (outcome.receipt.pending, list(closing_lines(outcome))) == ({}, [])


def test_a_new_certificate_waits_for_a_restart_where_the_version_needs_one() -> None:
    """What the server says of its settings does not tell that: their values are the same."""
    node = created(major="9.5")
    node.maker.ends_at = node.clock.now().timestamp() + 60
    outcome = configured(node)
    assert outcome.receipt.pending["postgresql"].effect is Effect.RESTART
    assert "postgresql.crt (it ends soon)" in "\n".join(closing_lines(outcome))


def test_tls_that_postgresql_would_not_start_with_is_refused() -> None:
    """A running server tells its log alone that it goes on with what it had."""
    node = created()
    node.maker.unknown = frozenset({"NONE"})
    changes = node.host.changes
    own = "ssl.certificate '/etc/own.crt'\nssl.certificate_key '/etc/own.key'"
    with pytest.raises(Conflict, match="would not start with this; nothing was changed") as caught:
        configured(node, f"ssl.ciphers 'NONE'\n{own}")
    assert caught.value.message.splitlines()[1:] == [
        "  ssl.ciphers NONE: OpenSSL knows none of them",
        "  ssl.certificate /etc/own.crt is not there",
    ]
    assert node.host.changes == changes


def test_less_for_replication_than_is_in_use_is_refused() -> None:
    """With fewer slots than there are PostgreSQL does not start; one that goes with its connection does not count."""
    node = created("postgresql.wal_level 'logical'")
    folder = node.paths.postgresql_data("15") / "pg_replslot"
    for name, database, persistency in (("a", 0, 0), ("b", 5, 0), ("c", 0, 0), ("passing", 0, 2)):
        state = struct.pack("=4I64sIi", 0x1051CA1, 0, 2, 160, name.encode(), database, persistency) + bytes(64)
        node.host.add(folder / name / "state", Observed(Kind.FILE, content=state))
    node.host.add(folder / "d" / "state", Observed(Kind.FILE, content=b"half"))
    node.postgresql.sending = 4
    changes = node.host.changes
    with pytest.raises(Conflict, match="nothing was changed") as caught:
        configured(node, "postgresql.max_replication_slots 2\npostgresql.max_wal_senders 3")
    assert caught.value.message.splitlines()[1:] == [
        "  postgresql.max_replication_slots is 2, and there are 3 slots: a, b, c",
        "  postgresql.wal_level is hot_standby, and there are logical slots: b",
        "  postgresql.max_wal_senders is 3, and 4 connections replicate now",
    ]
    assert node.host.changes == changes
    enough = "postgresql.max_replication_slots 3\npostgresql.max_wal_senders 4\npostgresql.wal_level 'logical'"
    assert configured(node, enough).receipt.pending["postgresql"].effect is Effect.RESTART


def test_a_setting_that_somebody_overrides_is_reported() -> None:
    node = created()
    node.postgresql.settings["work_mem"] = Running("1MB", source="database")
    outcome = configured(node)
    (line,) = closing_lines(outcome)
    assert line.startswith("warning: PostgreSQL runs with work_mem = 1MB (wanted: '")
    assert line.endswith("'), set in database: that takes precedence")


def test_a_configuration_that_postgresql_does_not_take_is_an_error() -> None:
    """It would run on with what it had, and not come up again after the next power cut."""
    node = created()
    node.postgresql.wrong = ("/var/opt/x/conf.d/mine.conf:3: wrok_mem: unrecognized configuration parameter",)
    with pytest.raises(ServiceFailed, match=r"does not take its configuration.*\n.*mine\.conf:3: wrok_mem") as caught:
        configured(node)
    assert caught.value.exit_code == 13
    node.postgresql.wrong = ()
    assert configured(node).plan.is_empty


def test_a_foreign_edit_is_reported_and_undone() -> None:
    node = created()
    edited = replace(node.host.tree[conf(node)], content=b"work_mem = '1MB'\n", sha256="another")
    node.host.tree[conf(node)] = edited
    outcome = configured(node)
    (note,) = [line for line in closing_lines(outcome) if line.startswith("note: ")]
    assert note.startswith(f"note: {conf(node)}: edited since the last reconfigure (at 1970-01-01 00:00:00Z; its owner")
    assert note.endswith("); it is as configured again")
    assert b"max_connections" in node.host.tree[conf(node)].content
    assert list(closing_lines(configured(node))) == []


def test_a_file_that_is_not_wanted_any_more_is_removed_only_if_it_is_ours() -> None:
    node = created("etcd.environment = {'ETCD_DEBUG' => '1'}")
    ours, theirs = node.paths.sv / "etcd/env/ETCD_DEBUG", node.paths.postgresql_data("15") / "mine.conf"
    node.host.add(theirs, Observed(Kind.FILE, content=b"mine"))
    configured(node, "")
    assert ours not in node.host.tree
    assert theirs in node.host.tree


def test_a_file_of_ours_that_was_edited_is_kept_when_it_is_not_wanted_any_more() -> None:
    node = created("postgresql.log_directory = '/var/log/chef-backend/here'")
    edited = Path("/var/log/chef-backend/here/config")
    node.host.tree[edited] = replace(node.host.tree[edited], content=b"mine", sha256="another")
    outcome = configured(node, "")
    assert node.host.tree[edited].content == b"mine"
    assert f"note: {edited}: no longer wanted, but edited since the last reconfigure: remove it by hand" in list(
        closing_lines(outcome)
    )


def test_another_run_is_refused_with_who_holds_the_lock() -> None:
    node = created()
    with (
        node.machine.lock("chef-backend-ctl reconfigure"),
        pytest.raises(Busy, match="`chef-backend-ctl reconfigure` "),
        node.machine.lock("chef-backend-ctl create-cluster"),
    ):
        pass


def test_a_node_in_no_cluster_gets_its_files_and_no_service() -> None:
    node = FakeNode()
    outcome = configured(node)
    assert outcome.situation.membership is Membership.NONE
    assert not node.services.running
    assert not [path for path in node.host.tree if path.parent == node.paths.service]
    assert node.paths.leaderl_config in node.host.tree
    assert configured(node).plan.is_empty


def test_the_package_writes_files_and_touches_no_service() -> None:
    """What they owe is noted, and done by the next reconfigure of an operator."""
    node = created()
    before = {name: node.pid(name) for name in SERVICES}
    node.text = "etcd.snapshot_count = 6000\npostgresql.max_connections = 400"
    node.services.orders.clear()
    outcome = files_only(node.machine, enable=False)
    assert (node.services.orders, {name: node.pid(name) for name in SERVICES}) == ([], before)
    owed = {name: item.effect for name, item in outcome.receipt.pending.items()}
    assert owed == {"etcd": Effect.RESTART, "postgresql": Effect.RESTART}
    configured(node)
    assert node.is_current("etcd")


def test_a_service_that_is_down_is_started() -> None:
    node = created()
    node.services.send("elasticsearch", Order.DOWN)
    assert not node.runs("elasticsearch")
    assert configured(node).started == ("elasticsearch",)
    assert node.runs("elasticsearch")


def test_a_service_that_is_switched_off_ends_and_its_data_stays() -> None:
    node = created()
    configured(node, "elasticsearch.enable = false")
    assert not node.runs("elasticsearch")
    assert node.paths.elasticsearch / "data" in node.host.tree


def test_a_service_that_does_not_start_again_is_named_with_the_end_of_its_log() -> None:
    node = created()
    node.logs[Path("/var/log/chef-backend/etcd/current")] = ["first", "cannot bind: cluster-token-in-log"]
    node.services.broken = frozenset({"etcd"})
    with pytest.raises(ServiceFailed, match=r"waited 240 s for etcd to start again, in vain") as caught:
        configured(node, "etcd.snapshot_count = 6000")
    assert "cannot bind" in caught.value.message
    assert caught.value.hint.startswith("see why: chef-backend-ctl tail etcd")
    assert caught.value.exit_code == 13


def test_progress_is_told_step_by_step() -> None:
    node = created()
    steps = Silent()
    reconfigure(node.machine, steps)
    assert tuple(steps.titles) == TITLES


def test_data_of_another_postgresql_is_refused_before_the_first_change() -> None:
    node = created()
    node.host.add(node.paths.postgresql_data("15") / "PG_VERSION", Observed(Kind.FILE, content=b"14\n"))
    changes = node.host.changes
    with pytest.raises(Conflict, match="is PostgreSQL 14's, and PostgreSQL 15 is installed; nothing was changed"):
        configured(node, "etcd.snapshot_count = 6000")
    assert node.host.changes == changes


def test_what_a_member_was_made_with_stays() -> None:
    """leaderl would guard the new folder at once, and the old one's server would outlive a leadership."""
    node = created()
    changes = node.host.changes
    with pytest.raises(Conflict) as caught:
        configured(node, "postgresql.data_dir '/srv/pg'\npostgresql.db_superuser 'boss'\netcd.snapshot_count 6000")
    assert caught.value.message.splitlines() == [
        "postgresql.data_dir was '/var/opt/chef-backend/postgresql/15/data', and is to be '/srv/pg'",
        "postgresql.db_superuser was 'chef_pgsql', and is to be 'boss'",
        "What a member was made with stays; nothing was changed.",
    ]
    assert node.host.changes == changes
    configured(node, "postgresql.data_dir '/var/opt/chef-backend/postgresql/15/data/'")


def test_before_there_is_a_cluster_everything_may_be_set() -> None:
    node = FakeNode()
    configured(node)
    configured(node, "postgresql.data_dir '/var/opt/pg'\npostgresql.db_superuser 'boss'")
    assert node.host.observe(Path("/var/opt/pg/postgresql.conf")).kind is Kind.FILE


@pytest.mark.parametrize(
    ("path", "content", "error", "words"),
    [
        ("identity", b"{}", Conflict, "does not say who this node is"),
        ("identity", None, Conflict, "is gone, and this node is in a cluster"),
        ("secrets", None, InvalidSecrets, "is gone, and this node is configured"),
        ("receipt", b"{", Conflict, "is damaged"),
        ("receipt", b'{"format": 99}', Conflict, "has format 99"),
        ("unfinished", b"?", Conflict, "is damaged, so it is not known which command was interrupted"),
    ],
)
def test_what_is_damaged_is_named_before_the_first_change(
    path: str, content: bytes | None, error: type[Exception], words: str
) -> None:
    node = created()
    place: Path = getattr(node.paths, path)
    if content is None:
        del node.host.tree[place]
    else:
        node.host.add(place, Observed(Kind.FILE, content=content))
    changes = node.host.changes
    with pytest.raises(error, match=words) as caught:
        configured(node, "etcd.snapshot_count = 6000")
    assert getattr(caught.value, "hint", "") or error is InvalidSecrets
    assert node.host.changes == changes


def test_the_plan_is_a_preview_that_changes_nothing() -> None:
    node = created()
    node.text = "etcd.snapshot_count = 6000"
    changes = node.host.changes
    _situation, plan = preview(node.machine)
    assert [change.subject for change in plan.changes if "SNAPSHOT" in change.subject]
    assert node.host.changes == changes
