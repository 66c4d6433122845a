"""A restore replaces everything or nothing, loses nothing on the way, and can be run again after any interruption."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from archives import CONTENT, archive

from chef_backend.backup.archive import read_head
from chef_backend.backup.aside import Aside
from chef_backend.backup.fake import FakeNewCluster
from chef_backend.backup.restoration import PUT_BACK, TITLES, Job, NotRestored, Restoration
from chef_backend.backup.staging import Staging
from chef_backend.base.errors import ChefBackendError, CommandFailed, Conflict, InvalidBackup, WriteFailed
from chef_backend.base.folders import Access
from chef_backend.postgresql.fake import FakeCopies
from chef_backend.reconfigure.membership import Membership
from chef_backend.reconfigure.steps import Silent

# What changes a file system; a crash between any two of them must be survived.
_CHANGES = {"os.rename", "os.mkdir", "os.rmdir", "os.remove", "os.chmod", "os.chown", "os.link", "os.symlink"}
_POWER_CUT, _ENDED = 9, 0
OLD = {
    "data/PG_VERSION": "old",
    "data/base/old": "old rows",
    "etcd/data/member/snap": "old",
    "chef-backend.rb": "# old",
}


class Scene:
    """A node in a folder, with data that somebody needs, and a backup beside it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name, text in OLD.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        (root / "data").chmod(0o700)
        self.archive = root / "b.tgz"
        self.archive.write_bytes(archive())
        self.base = root / "base"
        self.base.mkdir()
        self.node = FakeNewCluster(root / "note", root / "data")
        self.copies = FakeCopies()
        self.free = 1 << 40

    def restore(self) -> Path | None:
        own = Access(os.geteuid(), os.getegid(), 0o644)
        with self.archive.open("rb") as source:
            head = read_head(source, "b.tgz")
        job = Job(
            archive=self.archive,
            head=head,
            data_folder=self.root / "data",
            owner=own,
            files={self.root / "chef-backend.rb": (head.config, own), self.root / "secrets.json": (b"{}", own)},
            config=self.root / "chef-backend.rb",
            before=self.node.membership(),
        )
        self.steps = Silent()
        staging = Staging(self.base, lambda _folder: self.free)
        return Restoration(job, staging, self.aside, self.copies, self.node).run(self.steps)

    @property
    def aside(self) -> Aside:
        folders = (self.root / "data", self.root / "etcd/data")
        return Aside(folders, (self.root / "chef-backend.rb", self.root / "secrets.json"))

    def is_old(self) -> bool:
        """Tell whether all is as it was."""
        return all(
            (self.root / name).is_file() and (self.root / name).read_text() == text for name, text in OLD.items()
        )

    def old_rows(self) -> list[str]:
        """Where the old data is, whole."""
        return sorted(
            str(path.relative_to(self.root)) for path in self.root.rglob("old") if path.read_bytes() == b"old rows"
        )

    def assert_new(self) -> None:
        """All is the backup's, and nothing else is left."""
        data = self.root / "data"
        assert (data / "PG_VERSION").read_bytes() == b"15\n"
        assert (data / "base/1/1259").read_bytes() == CONTENT["postgresql/base/1/1259"]
        assert (data / "pg_notify").is_dir()
        assert (data / "postgresql.conf").read_text() == "of this node"
        assert (self.root / "chef-backend.rb").read_bytes() == CONTENT["chef-backend.rb"]
        assert (self.root / "chef-backend.rb.replaced").read_text() == "# old"
        assert data.stat().st_mode & 0o7777 == 0o700
        assert list((self.root / "etcd/data").iterdir()) == []
        assert self.old_rows() == []
        assert list(self.base.iterdir()) == []
        assert not self.root.joinpath("note").exists()
        assert [path.name for path in self.root.rglob("*.before-restore")] == []


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_everything_is_replaced(scene: Scene) -> None:
    """The new data runs before the old is gone; the former configuration stays, and it is said where."""
    assert scene.restore() == scene.root / "chef-backend.rb.replaced"
    scene.assert_new()
    assert scene.node.calls == ["begin", "stop", "configure", "start"]
    assert scene.copies.calls == ["recover"]
    assert tuple(scene.steps.titles[:-1]) == TITLES


def test_a_node_that_has_nothing_gets_everything(scene: Scene) -> None:
    """After a cleanse there is not even a folder to unpack in; what fails leaves no data behind."""
    for name in ("data", "etcd"):
        shutil.rmtree(scene.root / name)
    (scene.root / "chef-backend.rb").unlink()
    scene.base.rmdir()
    scene.node.fails = frozenset({"configure"})
    with pytest.raises(NotRestored):
        scene.restore()
    assert sorted(path.name for path in scene.root.iterdir()) == ["b.tgz", "base"]
    scene.node.fails = frozenset()
    assert scene.restore() is None
    assert (scene.root / "data/PG_VERSION").read_bytes() == b"15\n"


def test_nothing_is_touched_by_what_fails_before(scene: Scene) -> None:
    """A damaged archive, data that PostgreSQL does not start on, too little room."""
    whole = scene.archive.read_bytes()
    scene.archive.write_bytes(whole[:-100])
    with pytest.raises(InvalidBackup):
        scene.restore()
    scene.archive.write_bytes(whole)
    scene.copies.fails = frozenset({"recover"})
    with pytest.raises(CommandFailed):
        scene.restore()
    scene.free = 1000
    with pytest.raises(WriteFailed, match="the unpacked backup needs"):
        scene.restore()
    assert scene.is_old()
    assert scene.node.calls == []
    assert list(scene.base.iterdir()) == []


@pytest.mark.parametrize("call", ["stop", "configure"])
def test_what_was_there_is_put_back_where_it_fails(scene: Scene, call: str) -> None:
    """The node is as it was, and a restore can be run again."""
    scene.node.fails = frozenset({call})
    with pytest.raises(NotRestored, match="in its place again") as caught:
        scene.restore()
    assert call in caught.value.message
    assert scene.steps.titles[-2] == PUT_BACK
    assert scene.is_old()
    assert scene.node.membership() is Membership.MEMBER
    assert not (scene.root / "secrets.json").exists()
    scene.node.fails = frozenset()
    scene.restore()
    scene.assert_new()


def test_what_was_there_stays_beside_until_the_new_cluster_runs(scene: Scene) -> None:
    """A start that fails is gone on with by create-cluster, or begun anew by another restore."""
    scene.node.fails = frozenset({"start"})
    with pytest.raises(NotRestored) as caught:
        scene.restore()
    assert f"is kept: {scene.root / 'data'}.before-restore" in caught.value.message
    assert scene.node.membership() is Membership.CREATING
    assert scene.old_rows() == ["data.before-restore/base/old"]
    scene.node.fails = frozenset()
    scene.restore()
    scene.assert_new()


def test_a_failed_start_then_a_failed_restore_puts_back_the_oldest(scene: Scene) -> None:
    scene.node.fails = frozenset({"start"})
    with pytest.raises(NotRestored):
        scene.restore()
    scene.node.fails = frozenset({"configure"})
    with pytest.raises(NotRestored):
        scene.restore()
    assert scene.is_old()
    assert scene.node.membership() is Membership.MEMBER


def test_what_an_earlier_restore_left_beside_a_running_cluster_is_never_put_back(scene: Scene) -> None:
    """create-cluster had finished it: what runs since is what counts."""
    kept = scene.root / "data.before-restore"
    kept.mkdir()
    scene.node.fails = frozenset({"stop"})
    with pytest.raises(NotRestored):
        scene.restore()
    assert scene.is_old()
    scene.node.fails = frozenset({"configure"})
    with pytest.raises(NotRestored):
        scene.restore()
    assert scene.is_old()
    assert not kept.exists()


def test_former_data_that_nothing_is_known_of_is_in_the_way(scene: Scene) -> None:
    """The node is in no cluster: it may be the last copy."""
    kept = scene.root / "data.before-restore"
    kept.mkdir()
    scene.node.note.write_text("none")
    with pytest.raises(NotRestored, match="this node is in no cluster"):
        scene.restore()
    assert kept.exists()
    assert scene.is_old()


def test_an_interrupted_create_cluster_stays_one(scene: Scene) -> None:
    scene.node.note.write_text("creating")
    scene.node.fails = frozenset({"configure"})
    with pytest.raises(NotRestored):
        scene.restore()
    assert scene.is_old()
    assert scene.node.membership() is Membership.CREATING


# What the node's services do before the process ends, and in the run that ends.
INTERRUPTED = {
    "the first run": (None, frozenset[str]()),
    "a run that undoes an earlier one": (frozenset({"start"}), frozenset[str]()),
    "a run that puts back what it replaced": (None, frozenset({"configure"})),
    "a run that puts back what an earlier one replaced": (frozenset({"start"}), frozenset({"configure"})),
}


@pytest.mark.parametrize(("earlier", "fails"), INTERRUPTED.values(), ids=INTERRUPTED)
def test_the_power_may_go_at_any_time(tmp_path: Path, earlier: frozenset[str] | None, fails: frozenset[str]) -> None:
    """Before each change of the file system in turn: the old data is there whole, or the new is and runs.

    The same command then finishes.
    """
    number, ended = 0, False
    while not ended:
        number += 1
        scene = Scene(tmp_path / str(number))
        if earlier is not None:
            scene.node.fails = earlier
            with pytest.raises(NotRestored):
                scene.restore()
        scene.node.fails = fails
        ended = _dies_at(number, scene.restore)
        runs = scene.node.membership() is Membership.MEMBER and not scene.is_old()
        rows = scene.root / "data/base/1/1259"
        assert rows.exists() if runs else scene.old_rows(), f"data is lost at change {number}"
        scene.node.fails = frozenset()
        scene.restore()
        _assert_new_or_again(scene)
    assert number > 30


def _assert_new_or_again(scene: Scene) -> None:
    """All is new; the former configuration may be the new one, where the interruption came at the very end."""
    replaced = scene.root / "chef-backend.rb.replaced"
    if not replaced.exists():
        replaced.write_text("# old")
    scene.assert_new()


def _dies_at(number: int, action: Callable[[], object]) -> bool:
    """Run it in a process that ends at that change of the file system; tell whether it came to its own end."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != _POWER_CUT
    changes = 0

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal changes
        opens_to_write = event == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_CREAT
        if event in _CHANGES or opens_to_write:
            changes += 1
            if changes == number:
                os._exit(_POWER_CUT)

    sys.addaudithook(count)
    try:
        with contextlib.suppress(NotRestored):
            action()
    finally:
        os._exit(_ENDED)


def test_the_staging_directory_must_be_empty(scene: Scene) -> None:
    """But for what an interrupted run left there."""
    staging = Staging(scene.base)
    staging.require_empty()
    (scene.base / "chef-backend-restore").mkdir()
    staging.require_empty()
    (scene.base / "photos").mkdir()
    with pytest.raises(Conflict, match="is not empty"):
        staging.require_empty()
    with pytest.raises(Conflict, match="is no folder"):
        Staging(scene.root / "nowhere").require_empty()


def test_a_link_to_another_disk_is_followed_where_it_is_ones_own(scene: Scene) -> None:
    """What is kept stays on that disk."""
    disk = scene.root / "disk"
    (scene.root / "data").rename(disk)
    (scene.root / "data").symlink_to(disk)
    scene.node.fails = frozenset({"configure"})
    with pytest.raises(ChefBackendError):
        scene.restore()
    assert scene.is_old()
    scene.node.fails = frozenset({"start"})
    with pytest.raises(NotRestored):
        scene.restore()
    assert scene.old_rows() == ["disk.before-restore/base/old"]
    scene.node.fails = frozenset()
    scene.restore()
    scene.assert_new()
    assert (scene.root / "data").is_symlink()
