"""One store under stress: two builds at once, builds that are killed, and disks that forget."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from omnibuild import events
from omnibuild.store.tree import Entry, EntryKind
from projects import Project, hello_project, install_text

SEEDS = [*range(4), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(4, 40))]


def entries_of(project: Project) -> list[Entry]:
    """Return every file entry of every stored tree."""
    trees = [project.store.tree(result.tree) for result in project.store.results()]
    return [entry for tree in trees for entry in tree.entries if entry.kind is EntryKind.FILE]


def test_two_builds_at_once_build_each_component_once(tmp_path: Path) -> None:
    """A second process says that it waits for what the first one is building, and uses it."""
    project = hello_project(tmp_path)
    project.recipe("slow", "sleep 1.5\n" + install_text("share/slow", "slow"))
    argv = project.argv("build", "--json")
    children = [subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    outputs = [child.communicate(timeout=120) for child in children]
    assert [child.returncode for child in children] == [0, 0, 0], outputs
    reports = [events_of(out) for out, _ in outputs]
    for name in ("libhello", "hello", "leaf", "slow"):
        assert sum(report[name]["built"] for report in reports) == 1, name
        assert len({report[name]["tree"] for report in reports}) == 1
    assert sum("slow: waits for another omnibuild (process " in err for _, err in outputs) == 2, outputs
    assert list((project.store_dir / "scratch").glob("work-*")) == []


def events_of(output: str) -> dict[str, dict[str, Any]]:
    """Return the JSON report of `omnibuild build`."""
    document: dict[str, dict[str, Any]] = json.loads(output)
    return document


@pytest.mark.parametrize("seed", SEEDS)
def test_a_power_cut_at_any_moment_harms_nothing(tmp_path: Path, seed: int, clean_trees: dict[str, str]) -> None:
    """Killed again and again at random moments, the next build gives what an undisturbed one gives."""
    project = big_project(tmp_path)
    chance = random.Random(seed)
    for _ in range(3):
        child = subprocess.Popen(
            project.argv("build"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            child.wait(timeout=chance.uniform(0.1, 2.2))
        except subprocess.TimeoutExpired:
            os.kill(child.pid, signal.SIGKILL)
            child.wait()
    # Whatever has a name is whole: no result without its tree, no tree without its objects.
    assert project.store.verify(entries_of(project)) == []
    assert project.build().trees() == clean_trees
    assert project.store.verify(entries_of(project)) == []
    assert list((project.store_dir / "scratch").glob("work-*")) == []


@pytest.fixture(scope="module")
def clean_trees(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a build that nobody disturbs gives."""
    return big_project(tmp_path_factory.mktemp("undisturbed")).build().trees()


def big_project(directory: Path) -> Project:
    """Return a project whose stores take a while: many files, and one that links."""
    project = hello_project(directory)
    many = 'mkdir -p "$PREFIX/many"\nfor i in $(seq 1500); do echo $i >"$PREFIX/many/$i"; done\n'
    project.recipe("many", many, depends={"link": ["leaf"]})
    return project


def each(path: Path) -> list[Path]:
    return sorted(file for file in path.rglob("*") if file.is_file())


def flip(path: Path) -> None:
    """Change one byte and nothing else of a file, as a bad disk does."""
    status, data = path.stat(), bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(bytes(data))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


DAMAGES: dict[str, Callable[[Path], None]] = {
    "removed": Path.unlink,
    "emptied": lambda path: os.truncate(path, 0),
    "cut in half": lambda path: os.truncate(path, path.stat().st_size // 2),
    "one byte": flip,
}


@pytest.mark.parametrize("part", ["objects", "trees", "results"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_store_is_healed_by_the_next_build(hello: Project, part: str, damage: str) -> None:
    """Whatever is broken is found before it is used, told, and built anew to the same bytes."""
    before = hello.build()
    for path in each(hello.store_dir / part):
        DAMAGES[damage](path)
    hello.recipe("extra", install_text("x", "x"), depends={"link": ["libhello"]})
    after = hello.build()
    assert {name: after.trees()[name] for name in before.trees()} == before.trees()
    assert set(after.built) == {"hello", "leaf", "libhello", "extra"}
    warnings = [event.message for event in after.events if isinstance(event, events.Warned)]
    if (part, damage) not in {("results", "removed"), ("trees", "removed")}:
        assert len(warnings) >= 3, warnings
        assert all("built anew" in text for text in warnings)
    assert hello.store.verify(entries_of(hello)) == []
    assert hello.build().built == []


def test_a_missing_object_is_noticed_even_when_nothing_changed(hello: Project) -> None:
    """A store that someone cleaned by hand is repaired by the next build, not by the one after."""
    before = hello.build()
    (entry,) = (e for e in hello.tree(before, "leaf").entries if e.path.endswith("share/leaf"))
    hello.store.object_path(entry).unlink()
    after = hello.build()
    assert after.built == ["leaf"]
    assert after.trees() == before.trees()


def test_a_damaged_dependency_is_never_built_with(hello: Project) -> None:
    """A user of a damaged library is built with the repaired one."""
    before = hello.build("libhello")
    for entry in hello.tree(before, "libhello").entries:
        if entry.path.endswith("libhello.so"):
            flip(hello.store.object_path(entry))
    after = hello.build("hello")
    assert after.built == ["hello", "libhello"]


def test_a_result_found_by_early_cut_off_is_looked_at_too(hello: Project) -> None:
    """A stored result that becomes valid again is used only when its files are right."""
    hello.build()
    for entry in hello.tree(hello.build(), "hello").entries:
        if entry.path.endswith("bin/hello"):
            flip(hello.store.object_path(entry))
    script = (hello.directory / "recipes/libhello/build.sh").read_text()
    hello.recipe("libhello", f"# a comment\n{script}")
    assert hello.build().built == ["hello", "libhello"]


def test_a_lost_store_is_only_lost_time(hello: Project) -> None:
    """Built from nothing, everything has the bytes that it had."""
    before = hello.build().trees()
    shutil.rmtree(hello.store_dir)
    assert hello.build().trees() == before


def test_a_build_is_not_disturbed_by_another_ones_cleaning(hello: Project) -> None:
    """A second process that starts while the first one works leaves its folders alone."""
    hello.recipe("slow", "sleep 2\n" + install_text("share/slow", "slow"))
    first = subprocess.Popen(hello.argv("build", "slow"), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    scratch, waited = hello.store_dir / "scratch", threading.Event()
    for _ in range(500):
        if list(scratch.glob("work-*-slow/upper")):
            break
        waited.wait(0.02)
    assert hello.cli("build", "leaf").returncode == 0
    assert list(scratch.glob("work-*-slow"))
    assert first.wait(60) == 0, first.communicate()
