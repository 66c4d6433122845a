"""Backups of a real PostgreSQL: made while it is written to, unpacked, tried out, and served by another server."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ports import free_ports
from postgres import CLOCK, PASSWORDS, SECRETS, USER, Installation
from prefix import INSTALL, program

from chef_backend.backup.archive import read_head
from chef_backend.backup.deadline import Deadline
from chef_backend.backup.make import Backup, Made, Place, Source
from chef_backend.backup.manifest import Origin
from chef_backend.backup.staging import Staging
from chef_backend.base.clock import wait_for
from chef_backend.base.errors import CommandFailed, Conflict
from chef_backend.base.folders import Access
from chef_backend.base.proc import Command
from chef_backend.postgresql.copies import ServerCopies
from chef_backend.postgresql.standby import RECOVERY_CONF, STANDBY_CONF, STANDBY_SIGNAL
from chef_backend.reconfigure.steps import Silent

_ALL_S = 600
FOLLOWS = (STANDBY_SIGNAL, STANDBY_CONF, RECOVERY_CONF)


class Backups:
    """What makes backups of an installation, and servers of them."""

    def __init__(self, installed: Installation, root: Path) -> None:
        self.installed = installed
        self.root = root
        account = pwd.getpwnam(USER)
        self.owner = Access(account.pw_uid, account.pw_gid, 0o700)

    def copies(self, socket_folder: Path | None = None, port: int = 0) -> ServerCopies:
        node = self.installed.node
        return ServerCopies(
            runner=self.installed.runner,
            bin_folder=INSTALL / "embedded/bin",
            version=node.postgresql,
            socket_folder=socket_folder or node.socket_folder,
            port=port or self.installed.port,
            superuser="chef_pgsql",
            owner=USER,
        )

    def make(self, copies: ServerCopies | None = None) -> Made:
        node = self.installed.node
        origin = Origin(
            made_at=datetime.now(UTC),
            software="3.2.0",
            postgresql=self.installed.database.running()["server_version"].value,
            major=node.facts.postgresql_major,
            node="be1",
            address="10.0.2.15",
            leader=True,
        )
        source = Source(
            origin=origin,
            config=b"",
            secrets=SECRETS.document,
            data_folder=node.folder("postgresql.data_dir"),
        )
        deadline = Deadline(CLOCK, _ALL_S, "--timeout")
        return Backup(Place(self.root / "backups"), source, copies or self.copies(), deadline, Silent()).run()

    def unpack(self, made: Made, name: str) -> Path:
        """Unpack a backup into a folder of that name, and return its data, which is its owner's."""
        base = self.root / name
        base.mkdir(mode=0o755)
        staging = Staging(base)
        with made.path.open("rb") as source:
            manifest = read_head(source, name).manifest
            source.seek(0)
            staging.unpack(source, name, manifest, lambda _count: None)
        staging.give(self.owner)
        return staging.data

    @contextmanager
    def serving(self, data: Path) -> Iterator[int]:
        """Run a server on a data directory; yield its port."""
        (port,) = free_ports(1)
        options = f"-p {port} -k {self.root} -c archive_mode=off -c listen_addresses="
        self.control("start", data, "-o", options, "-l", str(data / "log"))
        try:
            yield port
        finally:
            self.control("stop", data, "-m", "fast")

    def control(self, verb: str, data: Path, *options: str) -> None:
        argv = (str(program("pg_ctl")), verb, "-D", str(data), "-w", *options)
        self.installed.runner.run(Command(argv=argv, timeout_s=120, user=USER))

    def ask(self, port: int, query: str) -> str:
        where = ("-h", str(self.root), "-p", str(port), "-U", "chef_pgsql")
        argv = (str(program("psql")), "-w", *where, "-d", "postgres", "-Atc", query)
        return self.installed.runner.run(Command(argv=argv, timeout_s=30)).out.strip()


@pytest.fixture
def backups(installation: Installation) -> Iterator[Backups]:
    """Below a folder that PostgreSQL's user can enter."""
    root = Path(tempfile.mkdtemp(prefix="cb-backup"))
    root.chmod(0o777)
    yield Backups(installation, root)
    shutil.rmtree(root)


@contextmanager
def transfers(installed: Installation) -> Iterator[list[int]]:
    """Move amounts between two accounts, over and over; yield a list that grows with every transaction."""
    ended, done = threading.Event(), [0]
    session = _admin(installed)
    with session.cursor() as cursor:
        cursor.execute("drop table if exists accounts; create table accounts (name text, amount int, note text)")
        cursor.execute("insert into accounts values ('a', 1000, ''), ('b', 1000, '')")

    def move() -> None:
        with session.cursor() as cursor:
            while not ended.is_set():
                cursor.execute("begin")
                cursor.execute(
                    "update accounts set amount = amount - 1, note = repeat(md5(random()::text), 50) where name = 'a'"
                )
                cursor.execute("update accounts set amount = amount + 1 where name = 'b'")
                cursor.execute("commit")
                done.append(done[-1] + 1)

    mover = threading.Thread(target=move)
    mover.start()
    try:
        yield done
    finally:
        ended.set()
        mover.join()
        session.close()


def _admin(installed: Installation) -> Any:
    session = installed.connect("chef_pgsql", PASSWORDS[0])
    session.autocommit = True
    return session


def test_a_backup_made_under_writes_is_one_moment_of_the_data(backups: Backups) -> None:
    """Every transaction is in it whole or not at all, and those that were acknowledged before it began are."""
    with transfers(backups.installed) as done:
        before = done[-1]
        made = backups.make()
        assert done[-1] > before, "nothing was written meanwhile: this shows nothing"
    data = backups.unpack(made, "restored")
    backups.copies().recover(data, backups.owner)
    assert not (data / "backup_label").exists()
    names = backups.installed.node.postgresql
    with backups.serving(data) as port:
        amounts = backups.ask(port, "select sum(amount), 1000 - min(amount) >= 0 from accounts")
        moved = int(backups.ask(port, "select amount - 1000 from accounts where name = 'b'"))
        assert amounts == "2000|t"
        assert before <= moved <= done[-1]
        assert backups.ask(port, "select pg_is_in_recovery()") == "f"
        # A timeline of its own: neither an archive nor a follower of the old cluster can take it for the old one.
        assert "00000001" not in backups.ask(port, f"select {names.wal_file_name}({names.current_position}())")[:8]
        assert backups.ask(port, "create table written(); select 1").endswith("1")


def test_a_backup_of_a_follower_is_a_leaders_data_when_restored(backups: Backups) -> None:
    """Nothing of what made it follow is left, so it cannot go on to follow the old cluster."""
    follower = backups.root / "follower/data"
    follower.parent.mkdir()
    backups.copies().copy(follower, 60)
    made_to_follow(follower, backups.installed)
    subprocess.run(["chown", "-R", f"{USER}:", follower], check=True)
    session = _admin(backups.installed)
    with session.cursor() as cursor:
        cursor.execute("create table if not exists replicated as select 42 as answer")
    session.close()
    with backups.serving(follower) as port:
        assert backups.ask(port, "select pg_is_in_recovery()") == "t"
        made = backups.make(backups.copies(backups.root, port))
    data = backups.unpack(made, "restored")
    assert any((data / name).exists() for name in FOLLOWS)
    backups.copies().recover(data, backups.owner)
    assert not any((data / name).exists() for name in FOLLOWS)
    with backups.serving(data) as port:
        assert backups.ask(port, "select pg_is_in_recovery()") == "f"


def made_to_follow(data: Path, installed: Installation) -> None:
    """Write what leaderl writes to make a follower, with a connection by the socket."""
    primary = f"primary_conninfo = 'host={installed.node.socket_folder} port={installed.port} user=chef_pgsql'\n"
    if installed.node.postgresql.has_recovery_conf:
        (data / RECOVERY_CONF).write_text(f"standby_mode = on\n{primary}")
    else:
        (data / STANDBY_CONF).write_text(primary)
        (data / STANDBY_SIGNAL).touch()


def test_data_that_postgresql_does_not_start_on_is_seen(backups: Backups) -> None:
    """Also where every byte is as it was packed: a copy whose WAL is not whole."""
    data = backups.unpack(backups.make(), "restored")
    for segment in (data / backups.installed.node.postgresql.wal_folder).glob("0*"):
        segment.write_bytes(bytes(segment.stat().st_size))
    with pytest.raises(CommandFailed, match=r"could not locate|invalid|unexpected"):
        backups.copies().recover(data, backups.owner)


def test_a_copy_is_compared_with_what_the_server_said(backups: Backups) -> None:
    """A bit that a disk changed on the way; by versions that say something of it."""
    if not backups.installed.node.postgresql.has_backup_manifest:
        pytest.skip("this PostgreSQL makes no manifest of a copy")
    into = backups.root / "copy"
    backups.copies().copy(into, 60)
    backups.copies().verify(into)
    victim = next(path for path in sorted((into / "base").rglob("*")) if path.is_file() and path.stat().st_size)
    content = bytearray(victim.read_bytes())
    content[100] ^= 1
    victim.write_bytes(content)
    with pytest.raises(CommandFailed, match=victim.name):
        backups.copies().verify(into)


def test_a_folder_that_postgresqls_user_cannot_enter_is_said(backups: Backups) -> None:
    closed = backups.root / "closed"
    closed.mkdir(mode=0o700)
    (closed / "data").mkdir()
    with pytest.raises(Conflict, match="cannot enter"):
        backups.copies().recover(closed / "data", backups.owner)


def test_a_backup_that_is_late_is_stopped(backups: Backups) -> None:
    """pg_basebackup ends with it, and so do its sessions on the server."""
    with pytest.raises(CommandFailed, match="did not end within"):
        backups.copies().copy(backups.root / "late", 0.01)
    session = _admin(backups.installed)
    with session.cursor() as cursor:

        def is_gone() -> bool:
            cursor.execute("select count(*) from pg_stat_activity where application_name = 'pg_basebackup'")
            return bool(cursor.fetchone()[0] == 0)

        wait_for("its sessions to end", is_gone, within_s=20, clock=CLOCK)
    session.close()


def test_a_backup_that_is_killed_leaves_no_program_behind(backups: Backups) -> None:
    """Neither pg_basebackup nor its process for the WAL copies on for nobody."""
    installed, into = backups.installed, backups.root / "killed"
    copies = backups.copies()
    code = (
        "import sys; from pathlib import Path; from chef_backend.base.proc import SystemRunner\n"
        "from chef_backend.postgresql.copies import ServerCopies\n"
        "from chef_backend.postgresql.versions import version\n"
        "bin_folder, major, socket, port, into = sys.argv[1:]\n"
        "copies = ServerCopies(SystemRunner(), Path(bin_folder), version(major), Path(socket), int(port), "
        "'chef_pgsql', 'daemon')\n"
        "copies.copy(Path(into), 600)"
    )
    given = (copies.bin_folder, copies.version.major, copies.socket_folder, copies.port, into)
    # Without its checkpoint, a copy does not begin.
    with stopped(checkpointer(installed)):
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        caller = subprocess.Popen([sys.executable, "-c", code, *map(str, given)], env=environment)
        wait_for("the copy", lambda: bool(programs_with(into)), within_s=60, clock=CLOCK)
        caller.kill()
        caller.wait()
        wait_for("the end of its programs", lambda: not programs_with(into), within_s=20, clock=CLOCK)


def checkpointer(installed: Installation) -> int:
    children = subprocess.run(["pgrep", "-f", "postgres: .*checkpointer"], check=True, capture_output=True, text=True)
    folder = installed.node.folder("postgresql.data_dir")
    return next(pid for pid in map(int, children.stdout.split()) if Path(f"/proc/{pid}/cwd").resolve() == folder)


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def programs_with(folder: Path) -> list[int]:
    """Return the processes of pg_basebackup that copy into a folder."""
    found = subprocess.run(["pgrep", "-f", f"^[^ ]*pg_basebackup .*-D {folder}"], check=False, capture_output=True)
    return [int(pid) for pid in found.stdout.split()]


def test_no_password_is_in_what_others_can_read(backups: Backups) -> None:
    """The archive has them, and is its owner's alone."""
    made = backups.make()
    assert oct(made.path.stat().st_mode & 0o777) == "0o600"
    for path in backups.root.rglob("*"):
        if path.is_file() and path.stat().st_mode & 0o077:
            assert PASSWORDS[0].encode() not in path.read_bytes()
