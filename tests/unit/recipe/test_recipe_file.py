"""What recipe.yml may say, and what is said about one that says something else."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnibuild.errors import InvalidInput
from omnibuild.recipe.load import RecipeFolder, load_recipe, load_recipes
from omnibuild.recipe.variables import NAMES, expand

SOUND = """
schema: 1
name: zlib
version: "1.3.1"
description: Compression
license: Zlib
license_files: [LICENSE]
sources:
  - sha256: 9a93b2b7dfdac77ceba5a558a580e74667dd6fede4585b91eefb60f03b72df23
    locations:
      - url: https://zlib.net/zlib-{version}.tar.gz
build:
  kind: autotools
  configure: [--shared]
""".lstrip()


def write(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "recipe.yml").write_text(text)
    return folder


def problems(tmp_path: Path, text: str) -> list[str]:
    """Return the lines of the message about a recipe, without the file."""
    folder = write(tmp_path / "zlib", text)
    with pytest.raises(InvalidInput) as caught:
        load_recipe(folder)
    assert caught.value.exit_code == 2
    return caught.value.message.replace(f"{folder}/recipe.yml:", "").splitlines()


def test_a_sound_recipe_is_read(tmp_path: Path) -> None:
    """The example that every case below spoils is itself right."""
    recipe = load_recipe(write(tmp_path / "zlib", SOUND)).recipe
    assert (recipe.name, recipe.version, recipe.sources[0].locations[0].kind) == ("zlib", "1.3.1", "url")


CASES = {
    "unknown key": ("license_files:", "licence_files:", "6: licence_files: unknown key; did you mean license_files?"),
    "unknown key inside": ("locations:", "location:", "9: sources.0.location: unknown key; did you mean locations?"),
    "unknown key of the kind": ("configure:", "configur:", "13: build.configur: unknown key; did you mean configure?"),
    "unknown kind": ("autotools", "autotool", "12: build.kind: unknown kind 'autotool'; did you mean autotools?"),
    "a script that is not there": (
        "kind: autotools\n  configure: [--shared]",
        "kind: script",
        "11: build: there is no file /zlib/build.sh",
    ),
    "no kind at all": ("kind: autotools", "targets: [all]", "1: (document): build.kind is missing"),
    "a number for a version": ('"1.3.1"', "9.10", '3: version: must be a quoted string, like "9.1"'),
    "a boolean for a licence": ("Zlib", "no", '5: license: must be a quoted string, like "False"'),
    "no checksum": (
        "sha256: 9a93b2b7dfdac77ceba5a558a580e74667dd6fede4585b91eefb60f03b72df23\n    locations",
        "locations",
        "8: sources.0: sha256 is missing",
    ),
    "a checksum in capitals": ("9a93b2", "9A93B2", "8: sources.0.sha256: '9A93B2"),
    "a short checksum": ("9a93b2", "", "8: sources.0.sha256: 'b7dfda"),
    "a missing field": ("license: Zlib\n", "", "1: license: is missing"),
    "an undefined variable": (
        "{version}.tar",
        "{versoin}.tar",
        "10: sources.0.locations.0.url: undefined variable {versoin}; did you mean {version}?",
    ),
    "an undefined variable in the build": (
        "--shared",
        '"--x={foo}"',
        "13: build.configure.0: undefined variable {foo}; known here: {jobs}, {name}",
    ),
    "two kinds of location": ("- url:", "- maven: x\n        url:", "name exactly one of url, git"),
    "a name with a capital": ("name: zlib", "name: Zlib", "2: name: 'Zlib' is not a component name"),
    "a name with a newline": ("name: zlib", 'name: "zlib\\n"', "2: name: 'zlib\\n' is not a component name"),
    "a path that leaves": ("[LICENSE]", "[../LICENSE]", "6: license_files.0: '../LICENSE' must be a relative path"),
    "an absolute path": ("[LICENSE]", "[/etc/passwd]", "6: license_files.0: '/etc/passwd' must be a relative path"),
    "two licences of one name": ("[LICENSE]", "[LICENSE, doc/LICENSE]", "6: license_files.1: doc/LICENSE and LICENSE"),
    "a missing patch": ("build:", "patches: [0001-x.patch]\nbuild:", "11: patches.0: there is no file"),
    "a key twice": ("build:", "name: zlib\nbuild:", "11: name: stands twice (first on line 2)"),
    "a reference": ("license: Zlib", "license: &x Zlib\nhomepage: *x", "6: *x: a reference"),
    "another schema": ("schema: 1", "schema: 2", "1: schema: must be 1"),
    "not YAML": ("build:", "build: [", "13: not valid YAML: "),
    "a tag": ("name: zlib", "name: !!python/object:os.system x", "not valid YAML"),
    "a list": (SOUND, "- 1\n", "1: (document): must be a mapping"),
    "nothing": (SOUND, "", "1: the file is empty"),
    "a variable in a shell's text": (
        "build:",
        'tests: [{run: [/bin/sh, -euc, "test -d {prefix}"]}]\nbuild:',
        "11: tests.0.run.2: {prefix} inside a shell's text; give it as an argument",
    ),
    "a variable in a shell's text of the build": (
        "kind: autotools",
        'kind: autotools\n  after: [[rm, "{prefix}/x"], [bash, -c, "rm {name}"]]',
        "13: build.after.1.2: {name} inside a shell's text",
    ),
    "an opt-out from no check": (
        "build:",
        "checks:\n  skip:\n    permision: {bin/x: it may}\nbuild:",
        "13: checks.skip.permision: there is no check 'permision'; did you mean permissions?",
    ),
    "an opt-out from a part of no check": (
        "build:",
        'checks:\n  skip:\n    "linkag:libx.so": {bin/x: it may}\nbuild:',
        "13: checks.skip.linkag:libx.so: there is no check 'linkag'; did you mean linkage?",
    ),
    "shell in place of argv": ("[--shared]", "--shared", "13: build.configure: must be a list, like [one, two]"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_problem_is_told_with_its_line(tmp_path: Path, case: str) -> None:
    """Each mistake gives a line with the file, its line, the path and what was expected."""
    old, new, expected = CASES[case]
    assert old in SOUND
    found = [line.replace(str(tmp_path), "") for line in problems(tmp_path, SOUND.replace(old, new))]
    assert any(expected in line for line in found), found


@pytest.mark.parametrize("run", ['[/bin/sh, -c, "test -d $1", sh, "{prefix}"]', '["{prefix}/bin/x", -c, "{version}"]'])
def test_variables_may_be_arguments(tmp_path: Path, run: str) -> None:
    """Behind a shell's text, and in the text of anything that is no shell."""
    loaded = load_recipe(write(tmp_path / "zlib", f"{SOUND}tests: [{{run: {run}}}]\n"))
    assert len(loaded.recipe.tests) == 1


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    """Nobody has to run a validation once a mistake."""
    text = SOUND.replace("license:", "licence:").replace('"1.3.1"', "1.3").replace("name: zlib", "name: ZLIB")
    assert len(problems(tmp_path, text)) == 4


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """A folder without recipe.yml is named."""
    with pytest.raises(InvalidInput, match=r"recipe\.yml: cannot be read"):
        load_recipe(tmp_path)


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    """A file in another encoding is refused by name, without a traceback."""
    (tmp_path / "recipe.yml").write_bytes(b"name: \xff\xfe")
    with pytest.raises(InvalidInput, match=r"recipe\.yml: cannot be read"):
        load_recipe(tmp_path)


def test_two_folders_may_not_describe_one_version(tmp_path: Path) -> None:
    """The message names both files, and the first of them stays of use."""
    write(tmp_path / "zlib", SOUND)
    write(tmp_path / "zlib-1", SOUND)
    recipes = load_recipes(tmp_path)
    assert recipes.sound["zlib", "1.3.1"].folder == tmp_path / "zlib"
    assert recipes.broken[tmp_path / "zlib-1"].message == (
        f"{tmp_path}/zlib-1/recipe.yml:3: version: zlib 1.3.1 is already described by {tmp_path}/zlib/recipe.yml"
    )


def test_a_broken_recipe_leaves_the_others_of_use(tmp_path: Path) -> None:
    """What is wrong with it is kept beside them, under its folder; a folder without a recipe is none."""
    write(tmp_path / "zlib", SOUND)
    write(tmp_path / "broken", SOUND.replace("schema: 1", "schema: 3"))
    (tmp_path / "notes").mkdir()
    recipes = load_recipes(tmp_path)
    assert recipes.sound.keys() == {("zlib", "1.3.1")}
    assert recipes.broken.keys() == {tmp_path / "broken"}
    assert "broken/recipe.yml:1: schema" in recipes.broken[tmp_path / "broken"].message


def test_no_folder_of_recipes_is_told(tmp_path: Path) -> None:
    """A wrong --recipes says so."""
    with pytest.raises(InvalidInput, match="no such folder of recipes"):
        load_recipes(tmp_path / "absent")


def test_files_of_a_recipe_are_sorted_and_complete(tmp_path: Path) -> None:
    """Every file beside recipe.yml belongs to the recipe, in folders too."""
    folder = write(tmp_path / "zlib", SOUND)
    (folder / "patches").mkdir()
    for name in ("patches/b", "patches/a", "build.sh"):
        (folder / name).write_text("")
    loaded: RecipeFolder = load_recipe(folder)
    assert [str(path.relative_to(folder)) for path in loaded.files()] == ["build.sh", "patches/a", "patches/b"]


VALUES = dict.fromkeys(NAMES, "x") | {"version": "1.2"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a-{version}", "a-1.2"), ("{{version}}", "{version}"), ("{", "{"), ("{1}", "{1}"), ("${X}", "${X}"), ("", "")],
)
def test_variables(text: str, expected: str) -> None:
    """Known names are replaced, doubled braces stand for themselves, anything else stays."""
    assert expand(text, VALUES, where="f") == expected


def test_an_undefined_variable_is_an_error() -> None:
    """The place, the name and the closest known one are told."""
    with pytest.raises(InvalidInput, match=r"f: undefined variable \{prefx\}") as caught:
        expand("{prefx}/bin", VALUES, where="f")
    assert caught.value.hint == "did you mean {prefix}?"


@given(st.text(st.characters(exclude_characters="{}")))
def test_text_without_braces_is_kept(text: str) -> None:
    """Nothing but braces has a meaning."""
    assert expand(text, VALUES, where="f") == text


@given(st.text())
def test_doubling_braces_escapes_any_text(text: str) -> None:
    """Any text can be written in a recipe."""
    assert expand(text.replace("{", "{{").replace("}", "}}"), VALUES, where="f") == text


def test_the_case_table_spoils_the_example() -> None:
    """No case is the sound recipe itself."""
    assert all(textwrap.dedent(SOUND).replace(old, new) != SOUND for old, new, _ in CASES.values())
