"""Deletions on a real file system: all of what is ours goes, and nothing that a link or a mount leads to."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chef_backend.base.errors import UnsafePath
from chef_backend.removal.guard import Guard
from chef_backend.removal.sweep import Left, Sweep, identity_of, mount_of

Tree = Mapping[str, "Tree | Link | None"]


@dataclass(frozen=True)
class Link:
    """A symbolic link to somewhere outside of what is to be deleted."""

    target: str


NAMES = st.sampled_from(["a", "b", "c", "lost+found", "chef-backup-2026.tgz", "x\n y", "-rf"])
LINKS = st.builds(Link, st.sampled_from(["outside", "outside/kept", "outside/nowhere", "."]))
TREES = st.recursive(
    st.dictionaries(NAMES, st.none() | LINKS, max_size=4),
    lambda inner: st.dictionaries(NAMES, st.none() | LINKS | inner, max_size=4),
    max_leaves=20,
)


def make(folder: Path, tree: Tree, root: Path) -> Iterator[Path]:
    """Write a tree, and give the folders in it."""
    for name, item in tree.items():
        path = folder / name
        match item:
            case None:
                path.write_text("x")
            case Link(target):
                path.symlink_to(root / target)
            case _:
                path.mkdir()
                yield path
                yield from make(path, item, root)


def mounts_at(*places: Path) -> Callable[[int], int]:
    """Return what a kernel with something mounted at these places would say of a descriptor."""

    def mount(descriptor: int) -> int:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        return max((len(place.parts) for place in places if place in (path, *path.parents)), default=0)

    return mount


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """A folder to be deleted, beside one that is not."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/kept").write_text("precious")
    (tmp_path / "ours").mkdir()
    return tmp_path / "ours"


@given(tree=TREES, data=st.data())
@settings(max_examples=150, deadline=None)
def test_nothing_outside_and_no_foreign_mount_or_backup_is_touched(tree: Tree, data: st.DataObject) -> None:
    """Whatever the tree, where anything is mounted, which of it is ours, and where the backups are."""
    root = Path(tempfile.mkdtemp())
    try:
        ours, outside = root / "ours", root / "outside"
        ours.mkdir()
        outside.mkdir()
        (outside / "kept").write_text("precious")
        folders = list(make(ours, tree, root))
        some = st.sets(st.sampled_from(folders)) if folders else st.just(set())
        mounted, own = data.draw(some), data.draw(some)
        backups = data.draw(st.none() | st.sampled_from(folders) if folders else st.none())
        safe = [*(mounted - own), *([] if backups is None else [backups])]
        before = _listed(ours)
        kept = {path for path in before if any(place == path or place in path.parents for place in safe)}
        sweep = Sweep(Guard(frozenset(own), backups and identity_of(backups)), mounts_at(*mounted))
        sweep.remove(ours)
        after = _listed(ours)
        assert kept <= after
        assert (outside / "kept").read_text() == "precious"
        mounts_left = {place for place in mounted if place.exists()}
        explained = [*safe, *mounts_left]
        for path in after - kept:
            is_explained = any(path == place or path in place.parents for place in explained)
            is_backup = any(each.name.startswith("chef-backup-") for each in (path, *path.rglob("*")))
            is_mkfs = path.name == "lost+found" or any(each.name == "lost+found" for each in path.rglob("*"))
            assert is_explained or is_backup or is_mkfs or "lost+found" in path.parts, path
    finally:
        shutil.rmtree(root)


def _listed(folder: Path) -> set[Path]:
    return {folder, *folder.rglob("*")} if folder.exists() else set()


def test_all_of_an_ordinary_tree_goes(ours: Path, tmp_path: Path) -> None:
    """Files of any kind and mode, and links: what they lead to is told."""
    (ours / "deep/er").mkdir(parents=True)
    (ours / "deep/er/file").write_text("x")
    (ours / "deep/er/file").chmod(0)
    os.mkfifo(ours / "pipe")
    (ours / "away").symlink_to(tmp_path / "outside")
    (ours / "within").symlink_to(ours / "deep")
    (ours / "beside").symlink_to("deep/er")
    sweep = Sweep(Guard(inside=(ours,)))
    sweep.remove(ours)
    assert not ours.exists()
    assert sweep.left == [Left(ours / "away", f"it led to {tmp_path / 'outside'}, where everything is as it was")]
    sweep.remove(ours)
    sweep.empty(ours)


def test_a_folder_is_emptied_but_for_what_is_kept(ours: Path) -> None:
    """Only names at the top are kept."""
    for path in (ours / "a/keep", ours / "keep/b"):
        path.parent.mkdir()
        path.write_text("x")
    Sweep(Guard()).empty(ours, keep={"keep"})
    assert _listed(ours) == {ours, ours / "keep", ours / "keep/b"}


def test_a_file_system_of_ours_is_emptied_and_stays_mounted(ours: Path) -> None:
    """At the top and below; what mkfs made on it stays."""
    for path in (ours / "file", ours / "pg/data/base", ours / "lost+found/x"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    sweep = Sweep(Guard(own=frozenset({ours, ours / "pg"})), mounts_at(ours, ours / "pg"))
    sweep.remove(ours)
    assert _listed(ours) == {ours, ours / "pg", ours / "lost+found", ours / "lost+found/x"}
    assert {(each.path, each.failed) for each in sweep.left} == {(ours, False), (ours / "pg", False)}


def test_a_link_in_the_place_of_the_folder_goes_alone(ours: Path, tmp_path: Path) -> None:
    """What it leads to stays."""
    ours.rmdir()
    ours.symlink_to(tmp_path / "outside")
    Sweep(Guard()).remove(ours)
    assert not ours.is_symlink()
    assert (tmp_path / "outside/kept").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: gives a folder to another user")
def test_a_link_that_a_service_planted_on_the_way_is_refused(ours: Path, tmp_path: Path) -> None:
    """Only root's own links are followed to a folder that is to be emptied."""
    os.chown(ours, 65534, 65534)
    (ours / "logs").symlink_to(tmp_path / "outside")
    os.chown(ours / "logs", 65534, 65534, follow_symlinks=False)
    with pytest.raises(UnsafePath):
        Sweep(Guard()).empty(ours / "logs")
    assert (tmp_path / "outside/kept").exists()


def test_what_is_nested_too_deeply_is_left_and_counts_as_a_failure(ours: Path) -> None:
    """A service's user could nest folders until the program runs out of memory."""
    deep = ours
    for _ in range(230):
        deep = deep / "d"
    deep.mkdir(parents=True)
    sweep = Sweep(Guard())
    sweep.remove(ours)
    assert [each.failed for each in sweep.left] == [True]
    assert ours.exists()


def test_the_kernel_tells_mounts_apart(tmp_path: Path) -> None:
    """Folders of one mount have one number, /proc has another."""
    numbers = []
    for path in (tmp_path, tmp_path.parent, Path("/proc")):
        descriptor = os.open(path, os.O_RDONLY)
        numbers.append(mount_of(descriptor))
        os.close(descriptor)
    assert numbers[0] == numbers[1] != numbers[2]


def test_a_folder_that_was_replaced_after_it_was_judged_is_left(ours: Path, tmp_path: Path) -> None:
    """Something mounted in between must not be emptied."""
    victim = ours / "victim"
    victim.mkdir()
    (victim / "file").write_text("x")
    seen: list[Path] = []

    def mount(descriptor: int) -> int:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        seen.append(path)
        return int(seen.count(victim) > 1 and path == victim)

    sweep = Sweep(Guard(), mount)
    sweep.remove(ours)
    assert (victim / "file").exists()
    assert [each.failed for each in sweep.left] == [True]


def test_identity_is_that_of_the_folder_behind_a_link(ours: Path, tmp_path: Path) -> None:
    """Backups may be kept on another disk."""
    (tmp_path / "backups").symlink_to(ours)
    assert identity_of(tmp_path / "backups") == (ours.stat().st_dev, ours.stat().st_ino)
    assert identity_of(tmp_path / "nowhere") is None
    assert stat.S_ISDIR(ours.stat().st_mode)
