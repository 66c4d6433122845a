"""Ended before any change, of a file, a service or a database: the next run reaches what an undisturbed one does."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from made import configured, create, created

from chef_backend.base.errors import WriteFailed
from chef_backend.etcd.fake import BEGUN_LOG
from chef_backend.postgresql.control import Role
from chef_backend.reconfigure.fake import FakeNode
from chef_backend.reconfigure.run import files_only
from chef_backend.resources.apply import read_receipt
from chef_backend.resources.effects import Effect
from chef_backend.resources.fake import FakeHost
from chef_backend.resources.host import Kind, Observed
from chef_backend.supervise.state import Phase

OTHERWISE = """
postgresql.max_connections = 400
postgresql.work_mem = '9MB'
postgresql.md5_auth_cidr_addresses = ['10.0.0.0/8']
etcd.snapshot_count = 6000
etcd.environment = {'ETCD_X' => 'y'}
etcd.log_rotation.num_to_keep = 3
elasticsearch.heap_size = 512
leaderl.health_check.max_pgsql_failures = 7
"""
RESTARTED = ("etcd", "elasticsearch", "leaderl")


@dataclass
class State:
    """What a node has come to, whatever the way was."""

    tree: dict[Path, Observed]
    entries: object
    pending: dict[str, Effect]
    finished: bool
    up: list[str]
    settings: dict[str, object]
    roles: dict[str, Role]
    leads: bool
    certificate_is_good: bool


def state(node: FakeNode) -> State:
    receipt = read_receipt(node.host, node.paths.receipt)
    tree = {path: found for path, found in node.host.tree.items() if path != node.paths.receipt}
    pair = node.paths.ssl / "postgresql.crt", node.paths.ssl / "postgresql.key"
    return State(
        tree=tree | {path: replace(tree[path], content=b"", sha256="") for path in pair},
        entries={path: item for path, item in receipt.entries.items() if item[0].kind is not Kind.FOLDER},
        pending={name: item.effect for name, item in receipt.pending.items()},
        finished=receipt.finished and not receipt.actions,
        up=[name for name, process in sorted(node.services._states.items()) if process.phase is Phase.RUN],
        settings=dict(node.postgresql.settings),
        roles=dict(node.postgresql.roles),
        leads=node.leads,
        certificate_is_good=node.maker.look(*pair).matches,
    )


def stopped_at_each_change(start: FakeNode, run: Callable[[FakeNode], object], each: int = 1) -> list[FakeNode]:
    """Return the node as it was before each change of `run`: what a power cut leaves, but for its services."""
    node = copy.deepcopy(start)
    nodes = []

    def keep(number: int) -> None:
        if number % each == 0:
            nodes.append(copy.deepcopy(node))

    node.host.before = keep
    run(node)
    for copied in nodes:
        copied.host.before, copied.holder = FakeHost().before, ""
    return nodes


def full_at_each_write(start: FakeNode, run: Callable[[FakeNode], object], each: int = 1) -> list[FakeNode]:
    """Return a node for each write of `run`, on whose disk was no room for it; now there is."""
    whole = copy.deepcopy(start)
    run(whole)
    nodes = []
    for number in range(start.host.writes, whole.host.writes, each):
        node = copy.deepcopy(start)
        node.host.full_at = number
        with pytest.raises(WriteFailed, match="No space left on device"):
            run(node)
        node.host.full_at = None
        nodes.append(node)
    return nodes


def has_its_secrets(node: FakeNode) -> bool:
    return node.paths.secrets in node.host.tree


def only_a_guid(count: int) -> bytes:
    assert count == 16, "a second secret was made"
    return b"\x07" * count


@pytest.mark.parametrize(("ended", "each"), [(stopped_at_each_change, 1), (full_at_each_write, 4)])
def test_create_cluster(ended: Callable[..., list[FakeNode]], each: int) -> None:
    """A write that finds no room leaves what a stop before it leaves: of those each fourth is enough here."""
    start = FakeNode()
    whole = copy.deepcopy(start)
    create(whole)
    nodes = ended(start, create, each)
    assert len(nodes) * each > 60
    for node in nodes:
        if has_its_secrets(node):
            node.entropy = only_a_guid
        create(node)
        assert state(node) == state(whole)
        assert all(node.is_current(name) for name in RESTARTED)
        assert configured(node).plan.is_empty


@pytest.mark.parametrize(("log", "begins_anew"), [(BEGUN_LOG, True), (None, False)], ids=["begun", "elsewhere"])
def test_etcds_first_start(log: bytes | None, *, begins_anew: bool) -> None:
    """A power cut in it leaves a member of nothing, so it begins anew; not where ETCD_WAL_DIR has its log elsewhere."""
    node = stopped_at_each_change(FakeNode(), create)[-1]
    node.services.running = False
    database = node.etcds_log.parents[1] / "snap/db"
    node.host.add(database, Observed(Kind.FILE, mode=0o600, content=b"a database"))
    node.host.remove_file(node.etcds_log)
    if log is not None:
        node.host.add(node.etcds_log, Observed(Kind.FILE, mode=0o600, content=log))
    create(node)
    assert node.leads
    assert (database not in node.host.tree) is begins_anew


def test_etcds_data_stays_once_it_is_a_member() -> None:
    """create-cluster goes on with it."""
    for node in stopped_at_each_change(FakeNode(), create):
        found = node.host.tree.get(node.etcds_log)
        if found is not None:
            node.host.tree[node.etcds_log] = replace(found, content=b"of before")
            create(node)
            assert node.host.tree[node.etcds_log].content == b"of before"


@pytest.mark.parametrize("ended", [stopped_at_each_change, full_at_each_write])
@pytest.mark.parametrize("apply_restarts", [False, True])
def test_a_reconfigure(ended: Callable[..., list[FakeNode]], *, apply_restarts: bool) -> None:
    """Without --apply-restarts PostgreSQL stays the process that it was, and what it owes stays noted."""

    def run(node: FakeNode) -> None:
        configured(node, OTHERWISE, apply_restarts=apply_restarts)

    start = created()
    pid = start.pid("postgresql")
    whole = copy.deepcopy(start)
    run(whole)
    assert state(whole).pending == ({} if apply_restarts else {"postgresql": Effect.RESTART})
    nodes = ended(start, run)
    assert len(nodes) > 12
    for node in nodes:
        run(node)
        assert state(node) == state(whole)
        assert all(node.is_current(name) for name in RESTARTED)
        assert (node.pid("postgresql") == pid) is not apply_restarts
        assert configured(node).plan.is_empty


@pytest.mark.parametrize("ended", [stopped_at_each_change, full_at_each_write])
def test_a_renewal_of_the_certificate(ended: Callable[..., list[FakeNode]]) -> None:
    """Between its key and itself there is a pair that PostgreSQL does not start with: the next run makes another."""
    start = created()
    start.maker.ends_at = start.machine.now()
    nodes = ended(start, configured)
    assert [state(node).certificate_is_good for node in nodes].count(False) == 1
    for node in nodes:
        outcome = configured(node)
        assert state(node).certificate_is_good
        assert (outcome.plan.is_empty, state(node).pending) == (True, {})


def test_a_reconfigure_that_is_taken_back_after_its_interruption() -> None:
    """The former configuration is reached again, too: no service keeps what it had only in between."""
    start = created()
    for node in stopped_at_each_change(start, lambda node: configured(node, OTHERWISE)):
        configured(node, "")
        assert state(node) == state(start)
        assert all(node.is_current(name) for name in RESTARTED)


def test_files_written_by_the_package() -> None:
    """A scriptlet that was killed leaves what an operator's reconfigure completes."""

    def package(node: FakeNode) -> None:
        node.text = OTHERWISE
        files_only(node.machine, enable=False)

    start = created()
    whole = copy.deepcopy(start)
    configured(whole, OTHERWISE)
    for node in [*stopped_at_each_change(start, package), *full_at_each_write(start, package)]:
        configured(node, OTHERWISE)
        assert state(node) == state(whole)
        assert all(node.is_current(name) for name in RESTARTED)


def crashing(node: FakeNode, service: str, at: int) -> Callable[[int], None]:
    return lambda number: node.crash(service) if number == at else None


def test_a_service_that_starts_again_while_files_are_written_is_not_taken_for_done() -> None:
    """It crashes before each change in turn, and may have read an old file."""
    start = created()
    whole = copy.deepcopy(start)
    configured(whole, OTHERWISE)
    for number in range(start.host.changes, whole.host.changes):
        for service in RESTARTED:
            node = copy.deepcopy(start)
            node.host.before = crashing(node, service, number)
            configured(node, OTHERWISE)
            assert node.is_current(service), (number, service)


def test_an_interrupted_run_forgets_no_restart_for_a_service_that_started_meanwhile() -> None:
    start = created()
    for service in RESTARTED:
        for node in stopped_at_each_change(start, lambda node: configured(node, OTHERWISE)):
            node.crash(service)
            configured(node, OTHERWISE)
            assert node.is_current(service)


def test_secrets_are_made_once() -> None:
    """What the interrupted run wrote of the cluster's passwords is what the next one goes on with."""
    numbers = iter(range(1, 1_000_000))
    start = FakeNode()
    start.entropy = lambda count: (next(numbers).to_bytes(4, "big") * count)[:count]
    nodes = stopped_at_each_change(start, create)
    for node in [node for node in nodes if not has_its_secrets(node)]:
        found = node.host.tree.get(node.paths.secrets)
        create(node)
        secrets = json.loads(node.host.tree[node.paths.secrets].content)
        assert found is None or json.loads(found.content) == secrets
        assert node.postgresql.roles["chef_pgsql"].password.reveal() == secrets["postgresql"]["db_superuser_password"]
