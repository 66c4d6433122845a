"""A backup is whole or not there, nobody else can read any of it at any time, and it ends in its time."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from archives import CONTENT, DOCUMENT, ORIGIN

from chef_backend.backup.allowed import require_allowed
from chef_backend.backup.archive import read, read_head
from chef_backend.backup.deadline import Deadline
from chef_backend.backup.make import TITLES, Backup, Made, Place, Source
from chef_backend.backup.manifest import CONFIG, SECRETS
from chef_backend.base.clock import FakeClock
from chef_backend.base.errors import ChefBackendError, CommandFailed, Conflict, TimedOut, WriteFailed
from chef_backend.postgresql.fake import FakeCopies
from chef_backend.reconfigure.steps import Silent
from chef_backend.secrets.model import Secrets

NAME = "chef-backup-2026-09-06-11-01-49.tgz"


class Watching(Silent):
    """Calls `look` when a step begins and ends."""

    def __init__(self, look: Callable[[str], None]) -> None:
        super().__init__()
        self._look = look

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        with super().step(title):
            self._look(title)
            yield
            self._look(title)


class Making:
    """The place of a test's backups, and what they are made of."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "chef-backup"
        self.data = root / "data"
        (self.data / "base").mkdir(parents=True)
        (self.data / "base/1").write_bytes(b"x" * 5000)
        self.copies = FakeCopies()
        self.clock = FakeClock()
        self.free = 1 << 40

    def make(self, look: Callable[[str], None] = lambda _title: None) -> Made:
        source = Source(
            origin=ORIGIN,
            config=CONTENT[CONFIG],
            secrets=Secrets.of(DOCUMENT).document,
            data_folder=self.data,
        )
        deadline = Deadline(self.clock, 600, "--timeout")
        place = Place(self.folder, lambda _folder: self.free)
        return Backup(place, source, self.copies, deadline, Watching(look)).run()

    def names(self) -> list[str]:
        return sorted(item.name for item in self.folder.iterdir()) if self.folder.exists() else []


@pytest.fixture
def making(tmp_path: Path) -> Making:
    return Making(tmp_path)


def test_a_backup_holds_the_data_the_configuration_and_the_secrets(making: Making) -> None:
    """Under the contract's name, for its owner alone, with nothing beside it."""
    made = making.make()
    assert (made.path, made.size) == (making.folder / NAME, made.path.stat().st_size)
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(making.folder.stat().st_mode) == 0o700
    assert making.names() == [NAME]
    assert making.copies.calls == ["copy", "verify"]
    with made.path.open("rb") as source:
        found = {name: stream.read() for name, stream in read(source, NAME)}
    assert found[CONFIG] == CONTENT[CONFIG]
    assert b"super-pass" in found[SECRETS]
    assert {name for name in found if name.startswith("postgresql/")} == {
        "postgresql/PG_VERSION",
        "postgresql/base/1/1259",
    }
    with made.path.open("rb") as source:
        head = read_head(source, NAME)
    assert head.manifest.origin == ORIGIN
    assert "postgresql/empty" in head.manifest.folders


def test_nothing_is_open_to_others_while_it_is_made(making: Making) -> None:
    """Whatever the mask of the process is: every folder on the way is closed, and every file in it, too."""
    before = os.umask(0)
    seen = set()

    def look(title: str) -> None:
        for path in making.folder.rglob("*.tgz"):
            seen.add(stat.S_IMODE(path.lstat().st_mode))
        for path in (making.folder, *making.folder.glob(".*")):
            assert not path.exists() or stat.S_IMODE(path.stat().st_mode) == 0o700
        assert not (making.folder / NAME).exists() or title == TITLES[-1]

    try:
        making.make(look)
    finally:
        os.umask(before)
    assert seen == {0o600}


@pytest.mark.parametrize("title", TITLES)
def test_nothing_is_left_of_one_that_failed(making: Making, title: str) -> None:
    """At whatever step: neither half an archive nor a copy of the data."""

    def fail(step: str) -> None:
        if step == title:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        making.make(fail)
    assert making.names() == []
    assert making.make().path.exists()


@pytest.mark.parametrize("call", ["copy", "verify"])
def test_a_failure_of_postgresqls_programs_is_one_of_the_backup(making: Making, call: str) -> None:
    making.copies.fails = frozenset({call})
    with pytest.raises(CommandFailed, match=call):
        making.make()
    assert making.names() == []


def test_what_a_killed_run_left_goes_with_the_next(making: Making) -> None:
    """Its copy of the data would fill the disk for ever; another's files stay."""
    left = making.folder / ".chef-backup-2026-09-05-11-01-49.tgz.partial/postgresql"
    left.mkdir(parents=True)
    (left / "x").write_bytes(b"x")
    (making.folder / "notes").touch()
    making.make()
    assert making.names() == [NAME, "notes"]


def test_an_archive_that_is_there_stays(making: Making) -> None:
    made = making.make()
    before = made.path.stat().st_ino
    with pytest.raises(Conflict, match="is there already"):
        making.make()
    assert made.path.stat().st_ino == before


def test_too_little_room_is_seen_before_anything_is_copied(making: Making) -> None:
    """The copy and the archive on the same file system, and what the node goes on to write."""
    making.free = (64 << 20) + 2 * 5000
    with pytest.raises(WriteFailed, match=r"needs .* MB in .*, where .* MB are free"):
        making.make()
    assert making.copies.calls == []
    assert making.names() == []


@pytest.mark.parametrize("title", TITLES[1:4])
def test_it_ends_in_its_time(making: Making, title: str) -> None:
    """Nothing is left, and the message says how to give more."""

    def late(step: str) -> None:
        if step == title:
            making.clock.advance(601)

    with pytest.raises(TimedOut, match="not done within 600 s") as caught:
        making.make(late)
    assert "--timeout" in caught.value.hint
    assert making.names() == []


def test_a_link_in_the_data_is_no_backup(making: Making, tmp_path: Path) -> None:
    """A tablespace's files are elsewhere: an archive without them would look whole."""

    class Linked(FakeCopies):
        def copy(self, into: Path, timeout_s: float) -> None:
            super().copy(into, timeout_s)
            (into / "pg_tblspc").mkdir()
            (into / "pg_tblspc/16385").symlink_to(tmp_path)

    making.copies = Linked()
    with pytest.raises(Conflict, match="16385 is neither a file nor a folder"):
        making.make()


ALLOWED = {
    "a follower": (False, ("10.0.0.2",), False),
    "a follower without etcd": (False, None, False),
    "the only node": (True, (), False),
    "a leader by force": (True, ("10.0.0.2",), True),
    "a leader without etcd by force": (True, None, True),
}


@pytest.mark.parametrize(("leads", "others", "force"), ALLOWED.values(), ids=ALLOWED)
def test_where_a_backup_may_be_made(*, leads: bool, others: tuple[str, ...] | None, force: bool) -> None:
    require_allowed(leads=leads, others=others, force=force)


@pytest.mark.parametrize(("others", "hint"), [(("10.0.0.2",), "10.0.0.2"), (None, "--force")])
def test_a_leader_of_others_is_left_to_its_work(others: tuple[str, ...] | None, hint: str) -> None:
    """It is said where to go."""
    with pytest.raises(ChefBackendError, match="this node is the leader") as caught:
        require_allowed(leads=True, others=others, force=False)
    assert hint in caught.value.hint
