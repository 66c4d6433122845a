"""What a line-up may say, and how it is joined with the recipes it names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from commandline import edit

from omnibuild.errors import InvalidInput
from omnibuild.lineup.load import Project, load_project

LINEUP: dict[str, Any] = {
    "schema": 1,
    "name": "tiny",
    "version": "1.0",
    "root": "/opt/tiny",
    "prefix": "/opt/tiny/embedded",
    "source_date_epoch": 1700000000,
    "components": {"base": "1.0", "top": "1.0"},
    "shipped": ["top"],
    "policy": {"glibc_max": "2.31", "system_libraries": ["libc.so.6"], "licenses": ["MIT"]},
    "package": {
        "maintainer": "T <t@example.com>", "vendor": "T", "homepage": "https://example.com", "summary": "t",
        "description": "t", "license": "MIT",
    },
}  # fmt: skip


def recipe(folder: Path, name: str, version: str = "1.0", **depends: list[str]) -> None:
    document = {
        "schema": 1, "name": name, "version": version, "description": name, "license": "MIT",
        "license_files": ["LICENSE"], "depends": depends, "build": {"kind": "autotools"},
    }  # fmt: skip
    (folder / f"recipes/{name}-{version}").mkdir(parents=True)
    (folder / f"recipes/{name}-{version}/recipe.yml").write_text(yaml.safe_dump(document))


def load(folder: Path, **changed: object) -> Project:
    (folder / "manifests").mkdir(exist_ok=True)
    file = folder / "manifests/tiny.yml"
    file.write_text(yaml.safe_dump(LINEUP | changed))
    return load_project(file, folder / "recipes")


def message(folder: Path, **changed: object) -> str:
    with pytest.raises(InvalidInput) as caught:
        load(folder, **changed)
    return caught.value.message


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    recipe(tmp_path, "base")
    recipe(tmp_path, "top", link=["base"])
    return tmp_path


def test_components_are_ordered_and_shipped_by_closure(folder: Path) -> None:
    """Dependencies come first; what is packaged is what the shipped components need at run time."""
    recipe(folder, "tool")
    recipe(folder, "app", build=["tool"], runtime=["top"])
    project = load(folder, components={"app": "1.0", "base": "1.0", "tool": "1.0", "top": "1.0"}, shipped=["app"])
    assert project.order.index("base") < project.order.index("top") < project.order.index("app")
    assert set(project.shipped()) == {"app", "top", "base"}
    assert project.directory == folder.resolve()
    assert project.variables("app", jobs=3)["jobs"] == "3"


def test_a_missing_component_is_told(folder: Path) -> None:
    """The closest component is named."""
    text = message(folder, components={"bsae": "1.0", "top": "1.0"})
    assert "manifests/tiny.yml:2: components.bsae: no recipe for bsae 1.0; did you mean base?" in text
    assert "top-1.0/recipe.yml:5: depends.link.0: base is not in" in text


def test_a_broken_recipe_spoils_only_what_needs_it(folder: Path) -> None:
    """The rest of the line-up can be worked with; the whole of it is refused, with what is wrong."""
    recipe(folder, "leaf")
    edit(folder / "recipes/base-1.0/recipe.yml", "schema: 1", "schema: 3")
    project = load(folder, components={"base": "1.0", "top": "1.0", "leaf": "1.0"}, shipped=["top", "leaf"])
    assert (project.order, tuple(project.recipes)) == (("leaf",), ("leaf",))
    assert project.broken.keys() == {"base", "top"}
    with pytest.raises(InvalidInput) as caught:
        project.whole()
    assert caught.value.message == f"{folder}/recipes/base-1.0/recipe.yml:9: schema: must be 1"


def test_a_missing_version_is_told(folder: Path) -> None:
    """The versions that do exist are listed."""
    recipe(folder, "base", "2.0")
    assert "no recipe for base 3.0; recipes exist for 1.0, 2.0" in message(
        folder, components={"base": "3.0", "top": "1.0"}
    )


def test_an_unknown_shipped_component_is_told(folder: Path) -> None:
    """A name that is not among the components cannot be shipped."""
    assert "shipped.0: topp is not among the components; did you mean top?" in message(folder, shipped=["topp"])


def test_a_cycle_is_told_with_its_files(folder: Path) -> None:
    """Each member of the cycle is named with its recipe, and the line of what it needs there."""
    recipe(folder, "one", link=["two"])
    recipe(folder, "two", build=["three"])
    recipe(folder, "three", runtime=["one"])
    with pytest.raises(InvalidInput) as caught:
        load(folder, components={"one": "1.0", "two": "1.0", "three": "1.0"}, shipped=["one"])
    assert "dependency cycle: " in caught.value.message
    assert caught.value.message.splitlines()[0].count("→") == 3
    for place in ("one-1.0/recipe.yml:5: depends.link.0: two", "two-1.0/recipe.yml:5: depends.build.0: three"):
        assert place in caught.value.message
    assert caught.value.exit_code == 2
    assert caught.value.hint


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"components": {"base": 1.0, "top": "1.0"}}, "components.base: must be a quoted string"),
        ({"prefix": "/opt/other"}, "prefix '/opt/other' must be root ('/opt/tiny') or a folder below it"),
        ({"root": "opt/tiny"}, "root: 'opt/tiny' must be an absolute path"),
        ({"root": "/opt/../etc"}, "root: '/opt/../etc' must be an absolute path"),
        ({"root": "/"}, "root: '/' must be an absolute path"),
        ({"source_date_epoch": -1}, "source_date_epoch: "),
        ({"architecture": "riscv"}, "architecture: "),
        ({"shiped": []}, "shiped: unknown key; did you mean shipped?"),
        ({"environment": {"CFLAGS": "-I{prefx}"}}, "environment.CFLAGS: undefined variable {prefx}; did you mean"),
        ({"package": LINEUP["package"] | {"files": [{"source": "a", "path": "/a", "mode": 644}]}}, "quoted octal"),
    ],
)  # fmt: skip
def test_problems_are_told_with_their_line(folder: Path, changed: dict[str, object], expected: str) -> None:
    """Each mistake gives a line with the file, its line, the path and what was expected."""
    text = message(folder, **changed)
    assert expected in text
    assert "tiny.yml:" in text


def test_an_unquoted_off_is_told_for_what_it_is(folder: Path) -> None:
    """YAML makes a boolean of it, and `off is not off` helps nobody."""
    policy = {"policy": LINEUP["policy"] | {"severity": {"hardening": False}}}
    assert 'policy.severity.hardening: must be a quoted string, like "off"' in message(folder, **policy)


def test_a_tier_of_no_check_is_told_with_its_line(folder: Path) -> None:
    """Not only when the package is checked, after everything was built."""
    text = message(folder, policy=LINEUP["policy"] | {"severity": {"size_grown": "off", "hardning": "off"}})
    assert "policy.severity.hardning: there is no check 'hardning'; did you mean hardening?" in text
    assert "tiny.yml:" in text
