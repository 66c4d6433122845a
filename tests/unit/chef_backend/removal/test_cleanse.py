"""A node cleansed: nothing of it is left but backups and its saved configuration, however often it was interrupted."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from removable import GUID, OTHER, PATHS, SAVED, FakeNode

from chef_backend.base.errors import AlreadyConfigured, ChefBackendError, Conflict, WriteFailed
from chef_backend.base.folders import Access
from chef_backend.reconfigure.steps import Silent
from chef_backend.removal.cleanse import TITLES, Outcome, cleanse, examine
from chef_backend.removal.ground import note_path
from chef_backend.removal.processes import Process
from chef_backend.removal.standing import Consent
from chef_backend.resources.fake import FakeHost, Interrupted
from chef_backend.resources.host import Kind, Observed


class FullHost(FakeHost):
    """A machine without room for a file."""

    def write_file(self, path: Path, content: bytes, access: Access) -> None:  # noqa: ARG002 - the Host's
        raise WriteFailed(f"no room to write {path}")


ALL = Consent(orphan=True, last_copy=True)


def run(node: FakeNode, consent: Consent = ALL) -> Outcome:
    steps = Silent()
    outcome = cleanse(node.machine(), examine(node.machine(), consent), steps)
    assert steps.titles == list(TITLES)
    return outcome


def left_of(node: FakeNode) -> set[Path]:
    """Return every file and link that is there."""
    return {path for path, found in node.host.tree.items() if found.kind is not Kind.FOLDER}


def test_all_goes_but_backups_and_the_saved_configuration() -> None:
    """The folders that the package brought for definitions and logs stay, and are empty."""
    node = FakeNode()
    backup = node.paths.backups / "chef-backup-2026-01-01-00-00-00.tgz"
    assert run(node).saved == (SAVED,)
    assert left_of(node) == {
        backup,
        node.paths.command_logs / "cleanse.log",
        SAVED / "chef-backend.rb",
        SAVED / "chef-backend-running.json",
    }
    assert {node.paths.service, node.paths.sv, node.paths.logs} <= set(node.host.tree)
    assert not {node.paths.etc, node.paths.data} & set(node.host.tree)


def test_data_that_a_setting_put_elsewhere_goes_too() -> None:
    """Otherwise the next create-cluster would find it, and ask for a cleanse."""
    node = FakeNode(outside="/pgdata/15")
    run(node)
    assert Path("/pgdata/15") not in node.host.tree
    assert Path("/pgdata/15") in node.sweeps[0].guard.own


def test_a_folder_that_only_a_setting_names_is_not_ours() -> None:
    """The receipt says what reconfigure made."""
    node = FakeNode()
    node.add(node.paths.running, b'{"chef-backend": {"postgresql": {"data_dir": "/home"}}}')
    node.add(Path("/home/alice/thesis"))
    run(node)
    assert Path("/home/alice/thesis") in node.host.tree


@pytest.mark.parametrize("step", range(25))
def test_an_interrupted_run_goes_on_when_it_is_made_again(step: int) -> None:
    """From its first deletion on it asks for no consent, and knows where the configuration was saved."""
    node = FakeNode(outside="/pgdata/15")
    node.host.fails_at = step
    with suppress(Interrupted):
        run(node)
    node.host.fails_at = None
    begun = node.host.observe(note_path(node.paths)).kind is Kind.FILE
    outcome = run(node, Consent() if begun else ALL)
    assert not {node.paths.etc, node.paths.data, Path("/pgdata/15")} & set(node.host.tree)
    assert SAVED / "chef-backend.rb" in node.host.tree
    assert outcome.saved or not begun


def test_what_cannot_be_deleted_is_named_and_ends_with_an_error() -> None:
    """The note stays, so that the next run goes on."""
    node = FakeNode()
    node.stubborn.add(node.paths.etcd / "data/member/wal")
    with pytest.raises(WriteFailed, match=r"wal: Operation not permitted"):
        run(node)
    assert node.host.observe(note_path(node.paths)).kind is Kind.FILE
    node.stubborn.clear()
    run(node, Consent())
    assert node.paths.data not in node.host.tree


def test_a_service_that_does_not_stop_is_ended() -> None:
    """Nothing that it holds is needed any more."""
    node = FakeNode()
    node.stops = False
    node.processes.left.append(Process(7, 901, "/opt/chef-backend/embedded/bin/postgres", 1))
    run(node)
    assert node.did == ["retire", "retire"]
    assert node.processes.left == []


@pytest.mark.parametrize("members", [None, (), (OTHER,), (GUID,), (GUID, OTHER)])
def test_a_member_is_refused_without_consent(members: tuple[str, ...] | None) -> None:
    """Whoever is asked says nothing, or that this node is counted, or is another cluster: nothing is changed."""
    node = FakeNode(members=members)
    before = dict(node.host.tree)
    with pytest.raises(AlreadyConfigured) as raised:
        examine(node.machine(), Consent())
    assert ("--orphan" if members == (GUID, OTHER) else "--last-copy") in raised.value.hint
    assert node.host.tree == before


def test_a_member_that_its_peers_removed_needs_no_consent() -> None:
    """Its own disk still says that it is one."""
    node = FakeNode(members=(OTHER,))
    told = f"{GUID}=http://10.0.0.1:2380,{OTHER}=http://[fd00::2]:2380"
    node.add(node.paths.sv / "etcd/env/ETCD_INITIAL_CLUSTER", told.encode())
    assert not examine(node.machine(), Consent()).begun


def test_a_node_that_was_cleansed_can_be_again() -> None:
    """Nothing is left to save, to note or to delete."""
    node = FakeNode()
    run(node)
    assert run(node, Consent()) == Outcome((), ())


def test_a_node_without_data_needs_no_consent() -> None:
    """It never was in a cluster."""
    node = FakeNode(members=None)
    for path in (node.paths.etcd / "data/member/wal", node.paths.postgresql_data("15") / "PG_VERSION"):
        del node.host.tree[path]
        del node.host.tree[path.parent]
    run(node, Consent())


@pytest.mark.parametrize("lost", [PATHS.receipt, PATHS.identity, PATHS.running, PATHS.etcd / "data/member"], ids=str)
def test_data_with_a_file_of_ours_lost_still_needs_consent(lost: Path) -> None:
    """It may be all the more the last copy; nothing that is lost keeps a cleanse from being made."""
    node = FakeNode(members=None)
    for path in [path for path in node.host.tree if path == lost or lost in path.parents]:
        del node.host.tree[path]
    with pytest.raises(AlreadyConfigured):
        examine(node.machine(), Consent())
    run(node, Consent(last_copy=True))


@pytest.mark.parametrize("doing", ["restoring", "creating"])
def test_what_a_restore_has_put_aside_needs_consent(doing: str) -> None:
    """It is the former data, while the restore did not end; a cluster that is being made has none."""
    node = FakeNode(members=None)
    node.add(node.paths.unfinished, f'{{"format": 1, "doing": "{doing}"}}'.encode())
    data = node.paths.postgresql_data("15")
    kept = data.with_name("data.before-restore")
    node.add(kept / "PG_VERSION", node.host.tree.pop(data / "PG_VERSION").content)
    with pytest.raises(AlreadyConfigured):
        examine(node.machine(), Consent())
    if doing == "creating":
        del node.host.tree[kept / "PG_VERSION"]
        node.add(data / "PG_VERSION")
        examine(node.machine(), Consent())


def test_damaged_files_of_ours_do_not_stand_in_the_way() -> None:
    """A cleanse is what helps then."""
    node = FakeNode()
    for path in (node.paths.receipt, node.paths.identity, node.paths.running, node.paths.unfinished):
        node.add(path, b"{")
    run(node)


def test_a_link_to_a_folder_that_holds_something_is_refused() -> None:
    """It is not followed, so the data would stay; only a link to an empty folder just goes."""
    node = FakeNode()
    node.add(Path("/disk/pg/15"))
    node.host.tree[node.paths.data / "postgresql"] = Observed(Kind.LINK, target="/disk/pg")
    with pytest.raises(Conflict, match="/var/opt/chef-backend/postgresql leads to /disk/pg"):
        run(node)
    del node.host.tree[Path("/disk/pg/15")]
    run(node)
    assert Path("/disk/pg") in node.host.tree


def test_commands_logs_may_stay_behind_a_link() -> None:
    """This very command writes one."""
    node = FakeNode()
    for path in [path for path in node.host.tree if node.paths.logs in path.parents]:
        del node.host.tree[path]
    node.add(Path("/logs") / node.paths.command_logs.name / "cleanse.log")
    node.host.tree[node.paths.logs] = Observed(Kind.LINK, target="/logs")
    run(node)


def test_a_full_disk_does_not_keep_its_files() -> None:
    """Neither the note nor the package's record can be written then."""
    node = FakeNode(host=FullHost())
    run(node)
    assert node.paths.data not in node.host.tree


def test_every_error_here_has_a_way_on() -> None:
    """What refuses says what to do."""
    node = FakeNode()
    with pytest.raises(ChefBackendError) as raised:
        examine(node.machine(), Consent())
    assert raised.value.hint
