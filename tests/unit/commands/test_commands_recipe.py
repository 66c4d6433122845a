"""`omnibuild recipe`: list, show, validate, new."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from commandline import Omnibuild, edit

from omnibuild.kinds.registry import KINDS
from omnibuild.recipe.load import load_recipe
from omnibuild.recipe.skeleton import FILL, skeleton


def test_list_marks_what_the_lineup_uses(tiny: Path, omnibuild: Omnibuild) -> None:
    edit(tiny / "manifests/current.yml", '  greet: "2.0"\nshipped: [greet]', "shipped: [hello]")
    rows = {row["name"]: row for row in omnibuild("recipe", "list", "--json").json}
    assert rows["hello"]["in_lineup"]
    assert not rows["greet"]["in_lineup"]
    assert "A greeting with a time of day" in omnibuild("recipe", "list").out


def test_show_replaces_variables_in_yaml_and_json_alike(tiny: Path, omnibuild: Omnibuild) -> None:
    as_json = omnibuild("recipe", "show", "hello", "--json").json
    assert as_json["tests"][0]["run"] == ["/opt/tiny/embedded/bin/hello"]
    assert yaml.safe_load(omnibuild("recipe", "show", "hello").out) == as_json


def test_schema_is_a_json_schema_of_every_field(omnibuild: Omnibuild) -> None:
    schema = omnibuild("recipe", "show", "--schema").json
    assert {"name", "version", "sources", "build"} <= schema["properties"].keys()


def test_validate_counts_what_is_sound(tiny: Path, omnibuild: Omnibuild) -> None:
    assert omnibuild("recipe", "validate").out == "4 recipes and 1 line-up: valid\n"


def test_validate_lists_the_problems_of_all_files_at_once(tiny: Path, omnibuild: Omnibuild) -> None:
    edit(tiny / "recipes/hello/recipe.yml", 'version: "1.0"', "version: 1.0")
    edit(tiny / "recipes/greet/recipe.yml", "license: MIT", "licence: MIT")
    edit(tiny / "manifests/current.yml", "source_date_epoch", "source_date_epock")
    ran = omnibuild("recipe", "validate", "--json")
    assert ran.code == 2
    text = "\n".join(json.loads(ran.out)["problems"])
    for part in (
        "hello/recipe.yml:3: version: must be a quoted",
        "did you mean license?",
        "did you mean source_date_epoch?",
    ):
        assert part in text


def test_validate_says_which_recipe_cannot_be_read(tiny: Path, omnibuild: Omnibuild) -> None:
    recipe = tiny / "recipes/hello/recipe.yml"
    recipe.unlink()
    recipe.mkdir()
    ran = omnibuild("recipe", "validate")
    assert ran.code == 2, ran.err
    assert "recipes/hello/recipe.yml: cannot be read: Is a directory" in ran.err


def test_list_marks_what_is_not_sound(tiny: Path, omnibuild: Omnibuild) -> None:
    """A recipe that cannot be used hides none of the others."""
    edit(tiny / "recipes/greet/recipe.yml", "license: MIT", "licence: MIT")
    ran = omnibuild("recipe", "list")
    assert ran.code == 0
    assert "A greeting with a time of day" not in ran.out
    assert "BROKEN: recipes/greet/recipe.yml:1: license: is missing" in ran.out
    rows = {row["name"]: row for row in omnibuild("recipe", "list", "--json").json}
    assert len(rows["greet"]["problems"]) == 2
    assert rows["hello"]["problems"] == []
    assert rows["hello"]["in_lineup"]


def test_a_broken_recipe_stops_only_what_needs_it(tiny: Path, omnibuild: Omnibuild) -> None:
    """One component can be worked with while somebody edits another; the whole line-up cannot."""
    edit(tiny / "recipes/libhello/recipe.yml", "license: MIT", "licence: MIT")
    assert omnibuild("recipe", "show", "mkgreeting").code == 0
    assert omnibuild("fetch", "mkgreeting").code == 0
    assert omnibuild("cache", "list").code == 0
    for argv in (["recipe", "show", "hello"], ["build", "hello"], ["fetch"], ["graph"], ["lock"], ["package"]):
        ran = omnibuild(*argv)
        assert ran.code == 2, argv
        assert "libhello/recipe.yml:5: licence: unknown key; did you mean license?" in ran.err, argv
    assert omnibuild("fetch", "mkgreting").err == (
        "error: mkgreting: no such component in manifests/current.yml\nhint: did you mean mkgreeting?\n"
    )


def test_a_recipe_outside_the_lineup_stops_nothing(tiny: Path, omnibuild: Omnibuild) -> None:
    """Such as one that `recipe new` has just written."""
    omnibuild("recipe", "new", "widget")
    assert omnibuild("graph").code == 0
    assert omnibuild("fetch").code == 0
    assert omnibuild("recipe", "validate").code == 2


def test_what_many_recipes_have_wrong_has_one_hint(tiny: Path, omnibuild: Omnibuild) -> None:
    """And a line that two rules refuse is told of once."""
    for name in ("greet", "hello"):
        edit(tiny / f"recipes/{name}/recipe.yml", "license: MIT", "licence: MIT")
    assert omnibuild("graph").err.count("hint: ") == 1
    for name in ("one", "two"):
        omnibuild("recipe", "new", name)
    told = omnibuild("recipe", "validate", "--json").json["problems"]
    places = [problem.split(": ")[0] for problem in told]
    assert len(places) == len(set(places)), told
    assert not [problem for problem in told if "hint" in problem]


@pytest.mark.parametrize("kind", KINDS)
def test_new_recipe_names_what_is_missing_and_is_valid_once_filled_in(
    kind: str, tiny: Path, omnibuild: Omnibuild
) -> None:
    ran = omnibuild("recipe", "new", "widget", "--kind", kind, "--version", "3.2")
    assert ran.code == 0
    recipe = tiny / "recipes/widget/recipe.yml"
    refused = omnibuild("recipe", "validate")
    assert refused.code == 2
    assert f"{FILL} is still to be filled in: license: {FILL}" in refused.err
    filled = recipe.read_text().replace(f"sha256: {FILL}", f"sha256: {'ab' * 32}").replace(FILL, "filled")
    recipe.write_text(filled)
    assert omnibuild("recipe", "validate").code == 0
    loaded = load_recipe(recipe.parent).recipe
    assert (loaded.name, loaded.version, loaded.build["kind"]) == ("widget", "3.2", kind)


def test_new_recipe_takes_no_address_that_it_would_forget(tiny: Path, omnibuild: Omnibuild) -> None:
    """A Go program's source is named by its module."""
    ran = omnibuild("recipe", "new", "widget", "--kind", "golang", "--url", "https://example.com/widget.tar.gz")
    assert ran.code == 2
    assert "hint: leave it out, and write the module's path" in ran.err
    assert not (tiny / "recipes/widget").exists()


def test_new_recipe_never_overwrites(tiny: Path, omnibuild: Omnibuild) -> None:
    before = (tiny / "recipes/hello/recipe.yml").read_bytes()
    assert omnibuild("recipe", "new", "hello").code == 2
    assert (tiny / "recipes/hello/recipe.yml").read_bytes() == before


def test_new_recipe_refuses_a_name_that_is_a_path(tiny: Path, omnibuild: Omnibuild) -> None:
    assert omnibuild("recipe", "new", "../evil").code == 2
    assert not (tiny / "evil").exists()


@pytest.mark.parametrize("version", ['1.0"', "1.0 beta", "", "1\n2"])
def test_new_recipe_refuses_a_version_that_would_break_it(version: str, tiny: Path, omnibuild: Omnibuild) -> None:
    ran = omnibuild("recipe", "new", "widget", "--version", version)
    assert ran.code == 2
    assert "is not a version" in ran.err
    assert not (tiny / "recipes/widget").exists()


@pytest.mark.parametrize("version", ["1", "11", "2.1"])
def test_skeleton_takes_no_part_of_another_number_for_the_version(version: str) -> None:
    url = "https://example.com/r12.11/widget-1.2.11-x.tar.gz"
    assert url in skeleton("widget", version, "autotools", url)["recipe.yml"]


def test_skeleton_writes_the_version_once() -> None:
    """The next version is one edit away."""
    text = skeleton("widget", "3.2", "autotools", "https://example.com/3.2/widget-3.2.tar.gz")["recipe.yml"]
    assert "https://example.com/{version}/widget-{version}.tar.gz" in text
    assert text.count("3.2") == 1
