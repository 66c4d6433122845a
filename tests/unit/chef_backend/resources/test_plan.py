"""The least changes, in order, with what somebody else did told apart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from engine import Engine

from chef_backend.base.errors import Conflict
from chef_backend.base.secret import Secret
from chef_backend.resources.apply import apply, read_receipt, write_receipt
from chef_backend.resources.effects import Effect, Effects, ServiceEffect
from chef_backend.resources.fake import FakeHost
from chef_backend.resources.host import Identity, Kind, Observed
from chef_backend.resources.model import Absent, Action, Directory, EnvDir, File, Group, Resource, Symlink, User
from chef_backend.resources.plan import Plan
from chef_backend.resources.receipt import Receipt, parse, render

A = Path("/a")
F = Path("/a/f")
RELOAD: Effects = (ServiceEffect("postgresql", Effect.RELOAD),)
RESTART: Effects = (ServiceEffect("postgresql", Effect.RESTART),)
ACCOUNTS: list[Resource] = [
    User(name="chef_pgsql", group="chef_pgsql", home=Path("/var/opt/chef-backend")),
    Group(name="chef_pgsql"),
]


def subjects(plan: Plan) -> list[str]:
    return [f"{change.verb} {change.subject}" for change in plan.changes]


def differences(plan: Plan) -> list[tuple[str, str, str]]:
    return [(each.what, each.old, each.new) for change in plan.changes for each in change.differences]


def file(path: Path = F, content: bytes | Secret = b"x", **options: object) -> File:
    return File(path=path, content=content, **options)  # type: ignore[arg-type]


def folder(path: Path = A, **options: object) -> Directory:
    return Directory(path=path, **options)  # type: ignore[arg-type]


def test_accounts_first_then_parents_then_children_then_actions() -> None:
    """Whatever the order given, nothing is made before what it needs."""
    action = Action(name="reload systemd", argv=("systemctl", "daemon-reload"), when=(F,))
    made = Engine(FakeHost()).plan([action, file(owner="chef_pgsql", group="chef_pgsql"), folder(), *ACCOUNTS])
    assert subjects(made) == [
        "create chef_pgsql",
        "create chef_pgsql",
        "create /a",
        "create /a/f",
        "run reload systemd",
    ]
    assert [change.kind for change in made.changes[:2]] == ["group", "user"]


def test_a_second_run_changes_nothing() -> None:
    """Twice in a row is an empty plan, without a write; actions run once."""
    host = FakeHost()
    wanted = [
        *ACCOUNTS,
        folder(owner="chef_pgsql", group="chef_pgsql", mode=0o750),
        file(content=Secret("p"), owner="chef_pgsql", group="chef_pgsql", mode=0o600),
        Symlink(path=Path("/a/l"), target="f"),
        EnvDir(path=Path("/a/env"), variables={"X": "1", "P": Secret("p")}),
        Absent(path=Path("/a/none")),
        Action(name="act", argv=("true",), when=(F,)),
    ]
    Engine(host).run(wanted)
    changes = host.changes
    assert Engine(host).run(wanted).is_empty
    assert host.changes == changes
    assert host.ran == ["act"]


def test_existing_accounts_are_taken_as_they_are() -> None:
    """Other ids, from wherever, are no reason to change an account; root under another name is refused."""
    host = FakeHost()
    host.users["chef_pgsql"] = Identity(70123, 70999)
    host.groups["chef_pgsql"] = 70123
    Engine(host).run([*ACCOUNTS, folder(), file(owner="chef_pgsql", group="chef_pgsql")])
    assert (host.tree[F].uid, host.tree[F].gid) == (70123, 70123)
    host.users["chef_pgsql"] = Identity(0, 0)
    with pytest.raises(Conflict, match="it is root under another name"):
        Engine(host).plan(ACCOUNTS)


def test_only_what_differs_is_changed_and_named() -> None:
    """Mode, owner, group and content are each told with old and new."""
    host = FakeHost()
    host.users["bob"], host.groups["bob"] = Identity(5, 5), 5
    Engine(host).run([folder(), file(), file(Path("/a/same"))])
    made = Engine(host).plan([folder(), file(owner="bob", group="bob", mode=0o600), file(Path("/a/same"))])
    assert subjects(made) == ["update /a/f"]
    assert differences(made) == [("owner", "root", "bob"), ("group", "root", "bob"), ("mode", "0644", "0600")]
    assert differences(Engine(host).plan([folder(), file(content=b"y"), file(Path("/a/same"))])) == [
        ("content", "", "")
    ]


def test_effects_are_of_content_and_the_strongest_wins() -> None:
    """A reload and a restart make a restart; a changed mode alone asks nothing of a service."""
    host = FakeHost()
    both = [folder(), file(effects=RELOAD), file(Path("/a/g"), effects=RESTART)]
    plan = Engine(host).run(both)
    assert plan.effects == {"postgresql": Effect.RESTART}
    receipt = read_receipt(host, Path("/state/receipt.json"))
    write_receipt(host, Path("/state/receipt.json"), receipt.without_pending("postgresql", Effect.RESTART))
    assert Engine(host).plan(both).effects == {}
    assert Engine(host).plan([folder(), file(mode=0o600, effects=RELOAD), both[2]]).effects == {}


def test_a_rule_says_the_effect_by_what_changed() -> None:
    """One file of settings asks for a reload or a restart, by the lines that differ."""

    def rule(old: bytes | None, new: bytes) -> Effects:
        return RESTART if old is None or b"max_connections" in old + new else RELOAD

    host = FakeHost()
    Engine(host).run([folder(), file(content=b"work_mem=1", effects=rule)])
    plan = Engine(host).plan([folder(), file(content=b"work_mem=2", effects=rule)])
    assert plan.changes[0].effects == {"postgresql": Effect.RELOAD}
    plan = Engine(host).plan([folder(), file(content=b"max_connections=2", effects=rule)])
    assert plan.changes[0].effects == {"postgresql": Effect.RESTART}


def test_what_a_service_owes_is_remembered_until_it_is_done() -> None:
    """A pending restart outlives later runs, keeps its reasons, and a reload does not settle it."""
    host = FakeHost()
    Engine(host).run([folder(), file(effects=RESTART)], now=10.0)
    plan = Engine(host).run([folder(), file(effects=RESTART)], now=20.0)
    assert plan.is_empty
    assert plan.effects == {"postgresql": Effect.RESTART}
    receipt = read_receipt(host, Path("/state/receipt.json"))
    assert receipt.pending["postgresql"].since == 10.0
    assert receipt.pending["postgresql"].because == ("/a/f",)
    assert receipt.without_pending("postgresql", Effect.RELOAD) == receipt
    assert receipt.without_pending("etcd", Effect.RESTART) == receipt
    assert receipt.without_pending("postgresql", Effect.RESTART).pending == {}


def test_a_restart_is_due_for_what_needs_it_only() -> None:
    """The other file's change comes by the reload that is made meanwhile."""
    host = FakeHost()
    reloaded = file(path=Path("/a/g"), effects=RELOAD)
    Engine(host).run([folder(), file(effects=RESTART), reloaded])
    receipt = read_receipt(host, Path("/state/receipt.json"))
    assert receipt.pending["postgresql"].effect is Effect.RESTART
    assert receipt.pending["postgresql"].because == ("/a/f",)


def test_somebody_elses_edit_is_told() -> None:
    """A file edited since the last run is put back, and the plan says that it was edited, and whose it is."""
    host = FakeHost()
    wanted = [folder(), file()]
    Engine(host).run(wanted)
    host.tree[F] = replace(host.tree[F], sha256="other", content=b"mine", changed_at=1_800_000_000.0)
    (change,) = Engine(host).plan(wanted).changes
    assert change.note == "edited since the last reconfigure (at 2027-01-15 08:00:00Z; its owner is root)"
    host.tree[F] = Observed(Kind.FILE, mode=0o666, sha256=file().sha256, content=b"x")
    (change,) = Engine(host).plan(wanted).changes
    assert change.note == "owner or mode changed since the last reconfigure"
    del host.tree[F]
    (change,) = Engine(host).plan(wanted).changes
    assert change.note == "removed since the last reconfigure"
    Engine(host).run(wanted)
    (change,) = Engine(host).plan([folder(), file(content=b"new")]).changes
    assert change.note == ""


def test_a_file_that_was_there_before_is_told() -> None:
    """Overwriting what chef-backend did not make is never silent; the same content is nobody's loss."""
    host = FakeHost()
    host.add(F, Observed(Kind.FILE, mode=0o644, content=b"theirs"))
    (change,) = Engine(host).plan([file()]).changes
    assert change.note == "was there before, and not made by chef-backend"
    assert Engine(host).plan([file(content=b"theirs")]).is_empty


def test_what_is_no_longer_wanted_goes_if_it_is_ours_and_as_we_left_it() -> None:
    """Files and links go, folders follow when they are empty; children before parents."""
    host = FakeHost()
    Engine(host).run([folder(), file(), Symlink(path=Path("/a/l"), target="f"), folder(Path("/a/d"))])
    plan = Engine(host).run([])
    assert subjects(plan) == ["remove /a/d", "remove /a/f", "remove /a/l", "remove /a"]
    assert A not in host.tree
    assert Engine(host).plan([]).is_empty


def test_what_is_no_longer_wanted_stays_when_somebody_changed_it() -> None:
    """An edited file, a link that leads elsewhere and a folder with data are kept and told, every time."""
    host = FakeHost()
    Engine(host).run([folder(), file(), Symlink(path=Path("/a/l"), target="f"), folder(Path("/a/d"))])
    host.tree[F] = replace(host.tree[F], sha256="other", content=b"mine")
    host.tree[Path("/a/l")] = Observed(Kind.LINK, target="elsewhere")
    host.add(Path("/a/d/data"), Observed(Kind.FILE, content=b"precious"))
    for _ in range(2):
        plan = Engine(host).run([])
        assert plan.is_empty
        assert {notice.subject: notice.text for notice in plan.notices} == {
            "/a/d": "no longer wanted, but not empty (it holds data)",
            "/a/f": "no longer wanted, but edited since the last reconfigure: remove it by hand",
            "/a/l": "no longer wanted, but edited since the last reconfigure: remove it by hand",
            "/a": "no longer wanted, but not empty (it holds d)",
        }


def test_what_was_there_before_is_never_ours_to_remove() -> None:
    """A folder that somebody else made stays, empty or not; so does the folder of what is still wanted."""
    host = FakeHost()
    host.add(A, Observed(Kind.FOLDER, mode=0o755))
    Engine(host).run([folder(), file()])
    plan = Engine(host).run([])
    assert subjects(plan) == ["remove /a/f"]
    assert host.tree[A].kind is Kind.FOLDER
    Engine(host).run([folder(Path("/b")), file(Path("/b/f"))])
    plan = Engine(host).run([file(Path("/b/f"))])
    assert plan.is_empty
    assert plan.notices == ()


def test_an_environment_folder_holds_its_variables_and_no_other() -> None:
    """A variable set by hand is removed and told; line breaks and blanks become what chpst reads."""
    host = FakeHost()
    wanted = [folder(), EnvDir(path=Path("/a/env"), variables={"ONE": "1", "TWO": "x\ny"}, effects=RESTART)]
    Engine(host).run(wanted)
    assert host.tree[Path("/a/env/TWO")].content == b"x\0y\n"
    host.add(Path("/a/env/ETCD_HEARTBEAT"), Observed(Kind.FILE, content=b"600\n"))
    host.add(Path("/a/env/.hidden"), Observed(Kind.FILE))
    host.add(Path("/a/env/folder"), Observed(Kind.FOLDER))
    plan = Engine(host).run(wanted)
    assert subjects(plan) == ["remove /a/env/ETCD_HEARTBEAT"]
    assert plan.changes[0].note == "not made by chef-backend"
    assert plan.changes[0].effects == {"postgresql": Effect.RESTART}
    assert [notice.subject for notice in plan.notices] == ["/a/env/folder"]
    fewer = [folder(), EnvDir(path=Path("/a/env"), variables={"ONE": "1"})]
    assert subjects(Engine(host).plan(fewer)) == ["remove /a/env/TWO"]
    for name in ("", ".x", "a=b", "a/b"):
        with pytest.raises(ValueError, match="no name of an environment variable"):
            EnvDir(path=A, variables={name: ""})


CONTRADICTIONS: dict[str, tuple[list[Resource], str]] = {
    "two contents": ([file(), file(content=b"y")], "path /a/f is wanted in 2 ways"),
    "a file and a folder": ([file(A), folder(A)], "path /a is wanted in 2 ways"),
    "inside a file": ([file(A), file()], "/a/f is wanted inside /a, which is wanted as a file"),
    "inside nothing": ([Absent(path=A), file()], "/a/f is wanted inside /a, which is wanted as absent"),
    "two users": ([ACCOUNTS[0], User(name="chef_pgsql", group="g", home=A)], "user chef_pgsql is wanted in 2 ways"),
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_contradictions_are_errors(case: str) -> None:
    """Two roles that want different things of one path are told so."""
    resources, expected = CONTRADICTIONS[case]
    with pytest.raises(Conflict, match="contradicts itself") as raised:
        Engine(FakeHost()).plan(resources)
    assert expected in raised.value.message
    assert Engine(FakeHost()).plan([folder(), folder(), file(), file()])


def test_everything_in_the_way_is_told_at_once() -> None:
    """Folders where files belong, missing parents and unknown accounts: one error, nothing changed."""
    host = FakeHost()
    host.add(F, Observed(Kind.FOLDER))
    host.add(Path("/d"), Observed(Kind.FILE))
    host.add(Path("/l"), Observed(Kind.FILE))
    host.add(Path("/full/x"), Observed(Kind.FILE))
    wanted: list[Resource] = [
        file(),
        folder(Path("/d")),
        file(Path("/none/f"), owner="ghost", group="ghosts"),
        Symlink(path=Path("/l"), target="x"),
        Absent(path=Path("/full")),
    ]
    with pytest.raises(Conflict) as raised:
        Engine(host).run(wanted)
    for part in (
        "/a/f is a folder",
        "/d is a file",
        "/none does not exist",
        "no user ghost",
        "no group ghosts",
        "/l is",
        "/full",
    ):
        assert part in raised.value.message
    assert host.changes == 0


def test_a_folder_moved_away_behind_roots_link_stays_there() -> None:
    """What the link leads to gets owner and mode; the link is kept."""
    host = FakeHost()
    host.add(Path("/disk"), Observed(Kind.FOLDER, mode=0o700))
    host.add(A, Observed(Kind.LINK, target="/disk"))
    plan = Engine(host).run([folder(), file()])
    assert subjects(plan) == ["update /a", "create /a/f"]
    assert host.tree[A].kind is Kind.LINK
    assert host.tree[Path("/disk")].mode == 0o755
    assert Path("/disk/f") in host.tree
    assert Engine(host).plan([folder(), file()]).is_empty


def test_a_link_in_a_files_place_is_replaced() -> None:
    """The file is written over the link, not through it."""
    host = FakeHost()
    host.add(Path("/x"), Observed(Kind.FILE, content=b"theirs"))
    host.add(F, Observed(Kind.LINK, target="/x"))
    assert differences(Engine(host).run([file()])) == [("type", "link", "file"), ("content", "", "")]
    assert host.tree[Path("/x")].content == b"theirs"


def test_a_receipt_is_read_as_it_was_written() -> None:
    """Through JSON and back; of another format or damaged, it is an expected error with a way out."""
    host = FakeHost()
    Engine(host).run(
        [
            *ACCOUNTS,
            folder(),
            file(content=Secret("pw"), mode=0o600, effects=RESTART),
            Symlink(path=Path("/a/l"), target="f"),
        ]
    )
    content = host.tree[Path("/state/receipt.json")].content
    assert host.tree[Path("/state/receipt.json")].mode == 0o600
    assert host.tree[Path("/state")].mode == 0o700
    assert render(parse(content, Path("/r"))) == content
    assert parse(render(Receipt()), Path("/r")) == Receipt()
    for damaged in (b"", b"[]", b"{}", content[:-10], content.replace(b'"format": 1', b'"format": 2')):
        with pytest.raises(Conflict) as raised:
            parse(damaged, Path("/r"))
        assert raised.value.hint


@pytest.mark.parametrize("path", ["relative", "/a/../b", "/"])
def test_paths_are_absolute_and_plain(path: str) -> None:
    """A role cannot ask for a path that means something else."""
    with pytest.raises(ValueError, match="no path that a resource can have"):
        Directory(path=Path(path))


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o601])
def test_a_secret_that_everybody_may_read_is_refused(mode: int) -> None:
    """A role cannot ask for it, not even by forgetting the mode."""
    with pytest.raises(ValueError, match="is to hold a secret"):
        file(content=Secret("pw"), mode=mode)


def test_progress_names_each_step() -> None:
    """Each change is announced before and told after, counted."""
    steps: list[str] = []
    Engine(FakeHost()).run(
        [folder(), file()],
        on_step=lambda step: steps.append(f"{step.number}/{step.total} {step.change.subject} {step.done}"),
    )
    assert steps == ["1/2 /a False", "1/2 /a True", "2/2 /a/f False", "2/2 /a/f True"]


def test_an_account_that_vanished_meanwhile_is_an_expected_error() -> None:
    """Between plan and change a directory service may fail: told with who is missing."""
    host = FakeHost()
    host.users["bob"] = Identity(5, 5)
    plan = Engine(host).plan([folder(owner="bob")])
    del host.users["bob"]
    with pytest.raises(Conflict, match="there is no user bob"):
        apply(plan, host, receipt=Path("/state/receipt.json"), now=lambda: 1.0)
