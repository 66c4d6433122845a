"""The engine on this machine's file system, and its double in memory compared with it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from engine import Engine

from chef_backend.base.errors import Busy, CommandFailed, Conflict
from chef_backend.base.folders import Access
from chef_backend.base.proc import Command, Completed, SystemRunner
from chef_backend.resources.fake import FakeHost
from chef_backend.resources.host import Host, Kind, Observed
from chef_backend.resources.lock import only_one
from chef_backend.resources.model import Absent, Action, Directory, EnvDir, File, Group, Resource, Symlink, User
from chef_backend.resources.real import RealHost

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="root's files are made")


class Recorder:
    """A Runner that notes commands, and answers with one exit code."""

    def __init__(self, code: int = 0) -> None:
        self.commands: list[tuple[str, ...]] = []
        self.code = code

    def run(self, command: Command, *, check: bool = True) -> Completed:
        self.commands.append(command.argv)
        if check and self.code not in command.accept:
            raise CommandFailed("no")
        return Completed(self.code, "", "")


def real() -> RealHost:
    return RealHost(SystemRunner())


def scenario(root: Path, number: int) -> list[Resource]:
    """Return what is wanted, at three times."""
    wanted: list[list[Resource]] = [
        [
            Directory(path=root / "a", mode=0o750),
            File(path=root / "a/f", content=b"one", mode=0o600),
            EnvDir(path=root / "a/env", variables={"X": "1", "Y": "2"}),
            Symlink(path=root / "a/l", target="f"),
        ],
        [
            Directory(path=root / "a", mode=0o700),
            File(path=root / "a/f", content=b"two", mode=0o640),
            EnvDir(path=root / "a/env", variables={"X": "3"}),
            Symlink(path=root / "a/l", target="elsewhere"),
            Directory(path=root / "a/deep"),
            Directory(path=root / "a/deep/er"),
        ],
        [Directory(path=root / "a"), Absent(path=root / "a/f")],
    ]
    return wanted[number]


def tree(host: Host, root: Path) -> dict[str, tuple[object, ...]]:
    """Return everything below `root`, times apart."""
    found: dict[str, tuple[object, ...]] = {}
    todo = [root]
    while todo:
        path = todo.pop()
        item = host.observe(path)
        mode = 0 if item.kind is Kind.LINK else item.mode
        found[str(path.relative_to(root))] = (
            item.kind,
            item.uid,
            item.gid,
            mode,
            item.sha256,
            item.content,
            item.target,
        )
        if item.kind is Kind.FOLDER:
            todo += [path / name for name in host.list_folder(path)]
    return found


def test_the_double_behaves_as_the_machine_does(tmp_path: Path) -> None:
    """Three configurations in turn leave the same trees and the same plans on both."""
    fake = FakeHost()
    fake.add(tmp_path, Observed(Kind.FOLDER, mode=stat.S_IMODE(tmp_path.stat().st_mode)))
    receipt = tmp_path / "state/receipt.json"
    for number in (0, 1, 2, 0):
        plans = []
        for host in (fake, real()):
            plan = Engine(host, receipt).run(scenario(tmp_path, number))
            plans.append([(change.verb, change.subject, change.differences) for change in plan.changes])
            assert Engine(host, receipt).plan(scenario(tmp_path, number)).is_empty
        assert plans[0] == plans[1]
        assert tree(fake, tmp_path) == tree(real(), tmp_path)


def test_killed_at_any_step_the_next_run_completes(tmp_path: Path) -> None:
    """SIGKILL before each change of a real run: nothing half-written, no temporary file, the same end."""
    program = (
        "import os, sys; from pathlib import Path; sys.path[:0] = [{tests!r}]\n"
        "from engine import Engine; from test_real import real, scenario\n"
        "def step(item):\n"
        "    if item.number == {k} and not item.done: os.kill(os.getpid(), 9)\n"
        "root = Path({root!r})\n"
        "Engine(real(), root / 'state/receipt.json').run(scenario(root, 0), on_step=step)\n"
    )
    for k in (1, 3, 6):
        root = tmp_path / str(k)
        root.mkdir()
        code = program.format(tests=str(Path(__file__).parent), k=k, root=str(root))
        child = subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}, check=False
        )
        assert child.returncode == -9
        (root / "a").mkdir(exist_ok=True)
        leftover = root / f"a/.f.{2**22 + 1}-0123456789ab.new"
        leftover.write_bytes(b"half")
        host = Engine(real(), root / "state/receipt.json")
        host.run(scenario(root, 0))
        assert host.plan(scenario(root, 0)).is_empty
        assert not leftover.exists()
        assert (root / "a/f").read_bytes() == b"one"


def test_observing_follows_only_trusted_links_to_folders(tmp_path: Path) -> None:
    """Files, links, pipes, nothing, and what is behind root's own link to a folder."""
    (tmp_path / "d").mkdir(mode=0o711)
    (tmp_path / "f").write_bytes(b"x")
    (tmp_path / "to_d").symlink_to("d")
    (tmp_path / "to_none").symlink_to("none")
    (tmp_path / "circle").symlink_to("circle")
    os.mkfifo(tmp_path / "p")
    host = real()
    assert host.observe(Path("/")).kind is Kind.FOLDER
    assert host.observe(tmp_path / "f").content == b"x"
    assert host.observe(tmp_path / "f/below").kind is Kind.MISSING
    assert host.observe(tmp_path / "p").kind is Kind.OTHER
    assert host.observe(tmp_path / "to_d").target == "d"
    behind = host.observe(tmp_path / "to_d", through_link=True)
    assert (behind.kind, behind.mode) == (Kind.FOLDER, 0o711)
    assert host.observe(tmp_path / "to_none", through_link=True).kind is Kind.LINK
    assert host.observe(tmp_path / "circle", through_link=True).kind is Kind.LINK
    assert host.list_folder(tmp_path / "none") == ()


def test_accounts_are_made_without_login_and_one_made_meanwhile_is_fine(tmp_path: Path) -> None:
    """The programs' arguments, and their way of saying that it exists."""
    runner = Recorder(code=9)
    host = RealHost(runner)
    host.add_group(Group(name="chef_pgsql"))
    host.add_user(User(name="chef_pgsql", group="chef_pgsql", home=tmp_path))
    assert runner.commands[0] == ("groupadd", "--system", "chef_pgsql")
    assert "--no-create-home" in runner.commands[1]
    assert runner.commands[1][-1] == "chef_pgsql"
    with pytest.raises(CommandFailed, match="the account x could not be made"):
        RealHost(Recorder(code=1)).add_group(Group(name="x"))
    assert host.user("root") is not None
    assert host.user("no_such_user") is None
    assert host.group("no_such_group") is None
    assert (host.user_name(0), host.group_name(0)) == ("root", "root")
    assert host.user_name(4_000_000) == "4000000"


def test_an_action_runs(tmp_path: Path) -> None:
    """Its command is run, and its failure is an expected error."""
    real().run(Action(name="touch", argv=("touch", str(tmp_path / "f")), when=()))
    assert (tmp_path / "f").exists()
    with pytest.raises(CommandFailed):
        real().run(Action(name="fail", argv=("false",), when=()))


def test_making_a_folder_where_a_file_is_fails(tmp_path: Path) -> None:
    """An expected error, and the file stays."""
    (tmp_path / "f").touch()
    with pytest.raises(Conflict):
        real().make_folder(tmp_path / "f", Access(0, 0, 0o755))


def test_only_one_run_at_a_time(tmp_path: Path) -> None:
    """A second one is told who holds the lock; after it, and after a holder's death, it is free."""
    lock = tmp_path / "run/lock"
    with only_one(lock, "chef-backend-ctl reconfigure"):
        with (
            pytest.raises(Busy, match=rf"`chef-backend-ctl reconfigure` \(pid {os.getpid()}\)") as raised,
            only_one(lock, "x"),
        ):
            pass
        assert str(os.getpid()) in raised.value.hint
    with only_one(lock, "next"):
        lock.write_text("{")
        with pytest.raises(Busy, match="another command"), only_one(lock, "x"):
            pass
    program = (
        "import os; from pathlib import Path; from chef_backend.resources.lock import only_one\n"
        f"with only_one(Path({str(lock)!r}), 'dies'): os.kill(os.getpid(), 9)"
    )
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", program], env=env, check=False).returncode == -9
    with only_one(lock, "after"):
        assert "after" in lock.read_text()
