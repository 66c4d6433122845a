"""The lock says what is built; a changed recipe is noticed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from omnibuild.errors import InvalidInput, LockStale
from omnibuild.lineup.load import Project, load_project
from omnibuild.lock import Lock, lock_path, make_lock, require_fresh, stale, write_lock

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the tiny project."""
    shutil.copytree(ROOT / "tests/tiny", tmp_path / "tiny", ignore=shutil.ignore_patterns("*.lock.json"))
    return tmp_path / "tiny"


def load(folder: Path) -> Project:
    return load_project(folder / "manifests/current.yml", folder / "recipes")


def test_a_lock_reads_back_as_it_was_written(folder: Path) -> None:
    """Nothing is lost on the disk, and equal projects give equal bytes."""
    project = load(folder)
    path = write_lock(project.file, make_lock(project, {}))
    assert path == lock_path(project.file) == folder / "manifests/current.lock.json"
    assert Lock.load(path) == make_lock(load(folder), {})
    assert require_fresh(project.file, project).components.keys() == project.recipes.keys()


def test_a_changed_recipe_makes_the_lock_stale(folder: Path) -> None:
    """Data and files of a recipe count, comments and order do not; each component is named."""
    project = load(folder)
    write_lock(project.file, make_lock(project, {}))
    recipe = folder / "recipes/hello/recipe.yml"
    recipe.write_text(f"# a comment\n{recipe.read_text()}")
    require_fresh(project.file, load(folder))
    script = folder / "recipes/hello/build.sh"
    script.write_text(f"# a comment\n{script.read_text()}")
    with pytest.raises(LockStale, match="hello: its recipe changed") as caught:
        require_fresh(project.file, load(folder))
    assert caught.value.exit_code == 12
    assert "omnibuild lock" in caught.value.hint


def test_added_and_removed_components_are_told(folder: Path) -> None:
    """The lock and the line-up name the same components, or the difference is told."""
    fresh = make_lock(load(folder), {})
    less = Lock(fresh.lineup, fresh.version, {n: e for n, e in fresh.components.items() if n != "hello"})
    assert stale(less, fresh) == ["hello: not in the lock"]
    assert stale(fresh, less) == ["hello: no longer in the line-up"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "7", '{"format": 9, "components": {}}', '{"components": {"a": 1}}', '{"components": []}']
)
def test_a_lock_that_is_none_is_told(tmp_path: Path, text: str) -> None:
    """A broken lock names its file; it is never half-used."""
    (tmp_path / "x.lock.json").write_text(text)
    with pytest.raises(InvalidInput, match=r"x\.lock\.json"):
        Lock.load(tmp_path / "x.lock.json")


def test_no_lock_is_stale(tmp_path: Path) -> None:
    """--locked without a lock asks for one."""
    with pytest.raises(LockStale):
        Lock.load(tmp_path / "x.lock.json")
