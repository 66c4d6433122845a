"""Whatever was there and wherever a run ended: the next one makes the host as desired, and a third changes nothing."""

from __future__ import annotations

import copy
from contextlib import suppress
from pathlib import Path

import pytest
from engine import Engine
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chef_backend.base.errors import Conflict
from chef_backend.base.secret import Secret
from chef_backend.resources.effects import Effect, ServiceEffect
from chef_backend.resources.fake import FakeHost, Interrupted
from chef_backend.resources.host import Identity, Kind, Observed
from chef_backend.resources.model import Absent, Action, Directory, EnvDir, File, Group, Resource, Symlink, User

RECEIPT = Path("/state/receipt.json")
NAMES = ["/a", "/b", "/a/f", "/a/g", "/b/f", "/a/d", "/a/d/f", "/b/env", "/b/env/X", "/b/env/Y"]
EFFECTS = [
    (),
    (ServiceEffect("pg", Effect.RELOAD),),
    (ServiceEffect("pg", Effect.RESTART), ServiceEffect("es", Effect.RELOAD)),
]

paths = st.sampled_from([Path(name) for name in NAMES])
owners = st.sampled_from(["root", "svc"])
modes = st.sampled_from([0o600, 0o644, 0o750])
contents = st.sampled_from([b"one", b"two"])
placed = st.one_of(
    st.builds(
        File, path=paths, content=contents, owner=owners, group=owners, mode=modes, effects=st.sampled_from(EFFECTS)
    ),
    st.builds(File, path=paths, content=st.just(Secret("three")), owner=owners, mode=st.sampled_from([0o600, 0o640])),
    st.builds(Directory, path=paths, owner=owners, group=owners, mode=modes),
    st.builds(Symlink, path=paths, target=st.sampled_from(["none", "nowhere"])),
    st.builds(EnvDir, path=paths, variables=st.dictionaries(st.sampled_from("XYZ"), st.sampled_from(["1", "2"]))),
    st.builds(Absent, path=paths),
)
seen = st.one_of(
    st.builds(
        Observed, st.just(Kind.FILE), uid=st.integers(0, 1), mode=modes, content=st.sampled_from([b"one", b"four"])
    ),
    st.builds(Observed, st.just(Kind.FOLDER), uid=st.integers(0, 1), mode=modes),
    st.builds(Observed, st.just(Kind.LINK), target=st.sampled_from(["none", "nowhere"])),
)
BASE: list[Resource] = [Group(name="svc"), User(name="svc", group="svc", home=Path("/b"))]
ACTION = Action(name="act", argv=("true",), when=(Path("/a/f"), Path("/b/f")))


@st.composite
def wanted(draw: st.DrawFn) -> list[Resource]:
    """Draw resources with the folders that they need."""
    drawn = draw(st.lists(placed, max_size=6, unique_by=lambda item: item.path))
    folders = {parent for item in drawn for parent in item.path.parents if parent != Path("/")}
    taken = {item.path for item in drawn}
    needed = [Directory(path=path) for path in sorted(folders - taken)]
    return [*BASE, *draw(st.permutations([*drawn, *needed])), ACTION]


@st.composite
def hosts(draw: st.DrawFn) -> FakeHost:
    """Draw a machine with some of the paths in use already."""
    host = FakeHost()
    if draw(st.booleans()):
        host.users["svc"], host.groups["svc"] = Identity(1, 1), 1
    for path, found in sorted(draw(st.dictionaries(paths, seen, max_size=5)).items()):
        if all(host.tree.get(parent, found).kind is Kind.FOLDER for parent in path.parents if parent in host.tree):
            host.add(path, found)
            if found.kind is Kind.LINK and draw(st.booleans()):  # to a folder on another disk
                elsewhere = Path("/disk", str(path).replace("/", "_"))
                host.add(elsewhere, Observed(Kind.FOLDER, mode=0o755))
                host.add(path, Observed(Kind.LINK, target=str(elsewhere)))
    return host


def state(host: FakeHost) -> dict[Path, Observed]:
    return {path: found for path, found in host.tree.items() if path not in {RECEIPT, RECEIPT.parent}}


def converge(host: FakeHost, resources: list[Resource]) -> None:
    """Run to the end on the machine as it is now; a second plan must be empty."""
    host.fails_at = None
    Engine(host).run(resources)
    changes = host.changes
    assert Engine(host).run(resources).is_empty
    assert host.changes == changes


@settings(deadline=None, max_examples=200)
@given(hosts(), wanted())
def test_twice_in_a_row_changes_nothing(host: FakeHost, resources: list[Resource]) -> None:
    """From any state: either a Conflict that changes nothing, or the desired state and an empty second plan."""
    before = dict(host.tree)
    try:
        converge(host, resources)
    except Conflict:
        assert host.tree == before


@settings(deadline=None, max_examples=100)
@given(hosts(), wanted(), wanted(), st.integers(0, 12))
def test_interrupted_anywhere_the_next_run_goes_on(
    host: FakeHost, first: list[Resource], second: list[Resource], k: int
) -> None:
    """One configuration, then another, interrupted after k changes: the next run ends where an unbroken one does."""
    try:
        Engine(host).run(first)
        unbroken = copy.deepcopy(host)
        plan = Engine(unbroken).run(second)
    except Conflict:
        assume(False)  # noqa: FBT003 - hypothesis' own call
    host.fails_at = host.changes + k
    with suppress(Interrupted):
        Engine(host).run(second)
    converge(host, second)
    assert state(host) == state(unbroken)
    assert set(host.ran) == set(unbroken.ran)
    assert Engine(host).plan(second).effects == plan.effects


@settings(deadline=None, max_examples=100)
@given(hosts(), wanted(), wanted(), st.integers(0, 12))
def test_interrupted_then_configured_back_nothing_is_left(
    host: FakeHost, first: list[Resource], second: list[Resource], k: int
) -> None:
    """A run that ended halfway is undone by the former configuration: no file of the other one stays."""
    try:
        Engine(host).run(first)
        before = state(host)
        Engine(copy.deepcopy(host)).run(second)
    except Conflict:
        assume(False)  # noqa: FBT003 - hypothesis' own call
    host.fails_at = host.changes + k
    with suppress(Interrupted):
        Engine(host).run(second)
    try:
        converge(host, first)
    except Conflict:
        assume(False)  # noqa: FBT003 - what the second one made is in the first one's way
    assert not [path for path in state(host) if path not in before]


def test_a_folder_of_ours_goes_from_where_only_variables_belong() -> None:
    """An interrupted run may have made it there before the folder became one of variables again."""
    env: list[Resource] = [*BASE, EnvDir(path=Path("/a"), variables={})]
    host = FakeHost()
    Engine(host).run(env)
    Engine(host).run([*BASE, Directory(path=Path("/a")), Directory(path=Path("/a/f"))])
    host.fails_at = host.changes + 1
    with suppress(Interrupted):
        Engine(host).run(env)
    converge(host, env)
    assert Path("/a/f") not in host.tree


@pytest.mark.parametrize(
    "instead", [File(path=Path("/a"), content=b"two"), Symlink(path=Path("/a"), target="none"), Absent(path=Path("/a"))]
)
def test_a_link_to_a_folder_of_ours_is_not_replaced(instead: Resource) -> None:
    """What was written behind it could not be removed any more; once that is gone, it may be."""
    host = FakeHost()
    host.add(Path("/disk"), Observed(Kind.FOLDER, mode=0o755))
    host.add(Path("/a"), Observed(Kind.LINK, target="/disk"))
    Engine(host).run([*BASE, Directory(path=Path("/a")), File(path=Path("/a/f"), content=b"one")])
    before = state(host)
    with pytest.raises(Conflict, match="/a is a link to the folder of /a/f"):
        Engine(host).run([*BASE, instead])
    assert state(host) == before
    Engine(host).run([*BASE, Directory(path=Path("/a"))])
    converge(host, [*BASE, instead])
    assert Path("/disk/f") not in host.tree


def test_every_step_of_a_whole_node_can_be_the_last() -> None:
    """Ended before each change in turn, the receipt's included, the next run completes and owes the same restarts."""
    resources: list[Resource] = [
        *BASE,
        Directory(path=Path("/a"), owner="svc", group="svc", mode=0o750),
        File(path=Path("/a/f"), content=Secret("p"), owner="svc", mode=0o600, effects=EFFECTS[2]),
        EnvDir(path=Path("/a/env"), variables={"A": "1", "B": "2"}, effects=EFFECTS[1]),
        Symlink(path=Path("/a/l"), target="f"),
        ACTION,
    ]
    whole = FakeHost()
    Engine(whole).run(resources)
    assert whole.changes > len(resources)
    for k in range(whole.changes):
        host = FakeHost(fails_at=k)
        with pytest.raises(Interrupted):
            Engine(host).run(resources)
        converge(host, resources)
        assert state(host) == state(whole)
        assert set(host.ran) == {"act"}
        assert Engine(host).plan(resources).effects == {"es": Effect.RELOAD, "pg": Effect.RESTART}
