"""What is part of a component's key, what is not, and how a difference is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from omnibuild.cachekey import Change, Platform, changes, key_inputs, key_of, recipe_digest
from omnibuild.lineup.model import Lineup
from omnibuild.recipe.load import RecipeFolder
from omnibuild.recipe.model import Recipe

RECIPE: dict[str, Any] = {
    "schema": 1, "name": "zlib", "version": "1.3", "description": "d", "license": "Zlib", "license_files": ["LICENSE"],
    "sources": [{"sha256": "ab" * 32, "locations": [{"url": "https://zlib.net/zlib.tar.gz"}]}],
    "build": {"kind": "script"},
}  # fmt: skip
LINEUP: dict[str, Any] = {
    "schema": 1, "name": "tiny", "version": "1.0", "root": "/opt/tiny", "prefix": "/opt/tiny",
    "source_date_epoch": 1, "components": {"zlib": "1.3"}, "shipped": ["zlib"],
    "policy": {"glibc_max": "2.31", "system_libraries": [], "licenses": ["Zlib"]},
    "package": dict.fromkeys(("maintainer", "vendor", "homepage", "summary", "description", "license"), "x"),
}  # fmt: skip


HOST = Platform("host", "overlay")


def inputs(folder: Path, **changed: Any) -> dict[str, str]:
    """Return the key's inputs; ``changed`` replaces parts of what they are made from."""
    return key_inputs(
        RecipeFolder(Recipe.model_validate(RECIPE | changed.get("recipe", {})), folder),
        Lineup.model_validate(LINEUP | changed.get("lineup", {})),
        changed.get("platform", HOST),
        sources={"0": changed.get("sources", "s")},
        dependencies={"base": changed.get("needs", "n")},
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "build.sh").write_text("true\n")
    (tmp_path / "recipe.yml").write_text("not part of the key: its data is\n")
    return tmp_path


PART: dict[str, dict[str, Any]] = {
    "version": {"recipe": {"version": "1.4"}},
    "options": {"recipe": {"build": {"kind": "script", "script": "other.sh"}}},
    "environment": {"recipe": {"environment": {"A": "b"}}},
    "payload": {"recipe": {"payload": {"strip": False}}},
    "cpe, which is in the package note": {"recipe": {"cpe": "cpe:2.3:a:x:y"}},
    "patches": {"recipe": {"patches": ["build.sh"]}},
    "where a source goes": {"recipe": {"sources": [RECIPE["sources"][0] | {"into": "sub"}]}},
    "whether it is unpacked": {"recipe": {"sources": [RECIPE["sources"][0] | {"unpack": False}]}},
    "product, which is in the package note": {"lineup": {"name": "other"}},
    "prefix": {"lineup": {"prefix": "/opt/tiny/embedded"}},
    "time": {"lineup": {"source_date_epoch": 2}},
    "line-up environment": {"lineup": {"environment": {"CFLAGS": "-O3"}}},
    "host": {"platform": Platform("other", "overlay")},
    "capture": {"platform": Platform("host", "destdir")},
    "source": {"sources": "t"},
    "dependency": {"needs": "m"},
}
NO_PART: dict[str, dict[str, Any]] = {
    "description": {"recipe": {"description": "another"}},
    "homepage": {"recipe": {"homepage": "https://example.com"}},
    "a further location": {"recipe": {"sources": [{
        "sha256": "ab" * 32, "locations": [{"url": "https://mirror.example/zlib.tar.gz"}, {"maven": "g:a:1"}],
    }]}},
    "the line-up's version": {"lineup": {"version": "2.0"}},
    "opt-outs of checks": {"recipe": {"checks": {"skip": {"build_paths": {"*": "a reason"}}}}},
}  # fmt: skip


@pytest.mark.parametrize("case", PART)
def test_what_shapes_the_bytes_is_part_of_the_key(folder: Path, case: str) -> None:
    """A changed input gives another key, and the change is found by name."""
    before, after = inputs(folder), inputs(folder, **PART[case])
    assert key_of(before) != key_of(after)
    assert changes(before, after)


@pytest.mark.parametrize("case", NO_PART)
def test_what_does_not_is_no_part(folder: Path, case: str) -> None:
    """Words about a component, and places to get it from, rebuild nothing."""
    assert key_of(inputs(folder)) == key_of(inputs(folder, **NO_PART[case]))


TOUCHES: dict[str, Callable[[Path], object]] = {
    "content": lambda folder: (folder / "build.sh").write_text("false\n"),
    "name": lambda folder: (folder / "build.sh").rename(folder / "other.sh"),
    "executable bit": lambda folder: (folder / "build.sh").chmod(0o755),
    "a new file": lambda folder: (folder / "more").write_text(""),
}


@pytest.mark.parametrize("case", TOUCHES)
def test_files_of_the_recipe_are_part_of_the_key(folder: Path, case: str) -> None:
    """What a build can see of the recipe's folder is an input, and part of the lock's digest."""
    loaded = RecipeFolder(Recipe.model_validate(RECIPE), folder)
    before = key_of(inputs(folder)), recipe_digest(loaded)
    TOUCHES[case](folder)
    after = key_of(inputs(folder)), recipe_digest(loaded)
    assert before[0] != after[0]
    assert before[1] != after[1]


def test_modes_and_times_of_a_checkout_are_not(folder: Path) -> None:
    """The same commit checked out under another umask has the same keys."""
    before = key_of(inputs(folder))
    (folder / "build.sh").chmod(0o600)
    assert key_of(inputs(folder)) == before


def test_the_key_does_not_depend_on_the_order() -> None:
    """Inputs are a set of named values."""
    assert key_of({"a": "1", "b": "2"}) == key_of({"b": "2", "a": "1"})
    assert key_of({"a": "1", "b": "2"}) == "0e09eeab5bdeab40e2af08a4432d53de29fc2ba94dfa38fae0871d749681cf68"


def test_changes_are_told_by_name() -> None:
    """Added, removed and changed inputs are told, sorted; equal ones are not."""
    found = changes({"a": "1", "b": "1", "c": "1"}, {"b": "2", "c": "1", "d": "1"})
    assert found == (Change("a", "1", None), Change("b", "1", "2"), Change("d", None, "1"))
