"""check, why and cache, on a product that is built for real."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from commandline import Omnibuild, edit

pytestmark = pytest.mark.root


@pytest.fixture
def built(tiny: Path, omnibuild: Omnibuild) -> Path:
    """The tiny product, built; returns its store."""
    assert omnibuild("build").code == 0
    return tiny.parent / "store"


def objects(store: Path) -> list[Path]:
    return sorted(path for path in (store / "objects").rglob("*") if path.is_file())


# -- check ---------------------------------------------------------------------


def test_check_needs_a_build_and_says_so(tiny: Path, omnibuild: Omnibuild) -> None:
    ran = omnibuild("check")
    assert ran.code == 6
    assert "not in the store as they are now: libhello, hello, greet" in ran.err


def test_check_of_a_sound_prefix_finds_nothing(built: Path, omnibuild: Omnibuild) -> None:
    ran = omnibuild("check", "--json")
    assert ran.code == 0, ran.err
    assert ran.json["counts"] == {"errors": 0, "warnings": 0, "skipped": 0}
    assert not list((built / "scratch").iterdir())


def test_check_lists_what_is_wrong_with_the_hint_of_each_check(tiny: Path, omnibuild: Omnibuild) -> None:
    edit(tiny / "recipes/greet/build.sh", "chmod 755", "chmod 777")
    edit(tiny / "src/greet/greet.in", "#!/bin/sh", "#!/usr/bin/perl")
    recipe = tiny / "recipes/greet/recipe.yml"
    recipe.write_text(recipe.read_text().partition("tests:")[0])  # the script cannot run like that
    assert omnibuild("build").code == 0
    ran = omnibuild("check")
    assert ran.code == 7
    rows = [line.split()[:4] for line in ran.out.splitlines() if line.startswith("error")]
    assert rows == [
        ["error", "interpreters", "greet", "embedded/bin/greet"],
        ["error", "permissions", "greet", "embedded/bin/greet"],
    ]
    assert "\npermissions: correct the mode" in ran.out
    assert "omnibuild check --explain interpreters" in ran.err
    only = omnibuild("check", "--only", "permissions", "--json")
    assert [item["check"] for item in only.json["findings"]] == ["permissions"]


def test_explain_and_list_need_no_product(omnibuild: Omnibuild) -> None:
    assert omnibuild("check", "--explain", "linkage").out.startswith("linkage (error)\n")
    assert "glibc_floor" in {item["name"] for item in omnibuild("check", "--list", "--json").json}
    ran = omnibuild("check", "--explain", "linkag")
    assert ran.code == 2
    assert "did you mean linkage?" in ran.err


# -- why -----------------------------------------------------------------------


def test_why_of_a_stored_component_is_that_it_is_stored(built: Path, omnibuild: Omnibuild) -> None:
    ran = omnibuild("why", "hello")
    assert (ran.code, ran.out) == (0, "hello 1.0: in the store\n")
    assert len(omnibuild("why", "hello", "--json").json["key"]) == 64


def test_why_of_what_was_never_built_names_what_comes_first(tiny: Path, omnibuild: Omnibuild) -> None:
    lines = omnibuild("why", "libhello").out.splitlines()
    assert lines[0] == "libhello 1.0: was never built in this line-up here"
    assert lines[1].strip() == "needs mkgreeting, which comes first:"


def test_why_names_each_changed_input_with_both_values(built: Path, tiny: Path, omnibuild: Omnibuild) -> None:
    edit(tiny / "manifests/current.yml", "CFLAGS: -O2", "CFLAGS: -O3")
    edit(tiny / "recipes/mkgreeting/recipe.yml", "build: {kind: script}", "environment: {X: y}\nbuild: {kind: script}")
    lines = omnibuild("why", "mkgreeting").out.splitlines()
    assert lines[0] == "mkgreeting 1.0: will be built"
    assert lines[1].startswith("  line-up environment CFLAGS: -O2 -fPIC ")
    assert "→ -O3 -fPIC" in lines[1]
    assert lines[2] == "  recipe environment X: new, y"


def test_why_follows_a_changed_dependency_to_what_changed_in_it(built: Path, tiny: Path, omnibuild: Omnibuild) -> None:
    edit(tiny / "src/libhello/Makefile", "hello, world", "hello, world!")
    waiting = omnibuild("why", "hello").out
    assert "needs libhello, which comes first:" in waiting
    assert "libhello 1.0: will be built\n      source 0: " in waiting
    assert omnibuild("build", "libhello").code == 0
    lines = omnibuild("why", "hello").out.splitlines()
    assert lines[1].startswith("  dependency libhello: ")
    assert lines[2].startswith("    because source 0: ")
    reason = omnibuild("why", "hello", "--json").json
    assert [change["input"] for change in reason["changes"]] == ["dependency libhello"]
    assert [change["input"] for change in reason["because"]["libhello"]] == ["source 0"]


def test_why_says_when_only_the_result_is_gone(built: Path, omnibuild: Omnibuild) -> None:
    for path in (built / "results").iterdir():
        path.unlink()
    assert "nothing changed, but its result is no longer in the store" in omnibuild("why", "mkgreeting").out


# -- cache ---------------------------------------------------------------------


def test_list_marks_the_results_that_are_current(built: Path, tiny: Path, omnibuild: Omnibuild) -> None:
    edit(tiny / "src/greet/greet.in", "good", "nice")
    edit(tiny / "recipes/greet/recipe.yml", "good evening", "nice evening")
    assert omnibuild("build").code == 0
    rows = omnibuild("cache", "list", "--json").json
    assert sorted((row["name"], row["current"]) for row in rows if row["name"] == "greet") == [
        ("greet", False),
        ("greet", True),
    ]


def test_verify_of_a_sound_store_reads_everything(built: Path, omnibuild: Omnibuild) -> None:
    ran = omnibuild("cache", "verify", "--json")
    assert ran.code == 0
    assert ran.json["files"] == len(objects(built)) + 4
    assert ran.json["damaged"] == []


def test_verify_finds_a_flipped_bit_and_the_next_build_makes_it_anew(built: Path, omnibuild: Omnibuild) -> None:
    victim = next(path for path in objects(built) if path.stat().st_size > 10_000)
    data = bytearray(victim.read_bytes())
    data[5000] ^= 1
    stat = victim.stat()
    victim.write_bytes(data)
    os.utime(victim, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    reported = omnibuild("cache", "verify", "--keep")
    assert reported.code == 8
    assert f"damaged: {victim}" in reported.out
    assert victim.exists()
    assert omnibuild("cache", "verify").code == 8
    assert not victim.exists()
    assert omnibuild("cache", "verify").code == 0
    assert omnibuild("package").code == 0


def test_verify_finds_a_damaged_tree_and_a_missing_object(built: Path, omnibuild: Omnibuild) -> None:
    tree = next((built / "trees").rglob("*.json"))
    tree.write_text(tree.read_text().replace("0755", "0777").replace("0644", "0666"))
    objects(built)[0].unlink()
    ran = omnibuild("cache", "verify", "--json")
    assert ran.code == 8
    assert str(tree) in ran.json["damaged"]
    assert ran.json["unusable"]
    assert omnibuild("package").code == 0


def test_gc_keeps_what_the_lineup_uses_and_nothing_else(built: Path, tiny: Path, omnibuild: Omnibuild) -> None:
    """Without any grace, the current results and exactly their objects stay, and are whole."""
    stale = set(objects(built))
    edit(tiny / "src/libhello/Makefile", "hello, world", "hello, world, hello, world")
    assert omnibuild("build").code == 0
    dry = omnibuild("cache", "gc", "--keep-days", "0", "--keep-last", "0", "--dry-run", "--json").json
    assert len(omnibuild("cache", "list", "--json").json) == 4 + len(dry["removed"])
    swept = omnibuild("cache", "gc", "--keep-days", "0", "--keep-last", "0", "--json").json
    assert (swept["kept"], swept["removed"]) == (4, dry["removed"])
    assert {name.split()[0] for name in swept["removed"]} == {"libhello", "hello"}
    assert stale - set(objects(built))
    assert omnibuild("cache", "verify").code == 0
    assert omnibuild("build", "--json").json["hello"]["built"] is False


def test_gc_keeps_by_last_use_and_by_count(built: Path, tiny: Path, omnibuild: Omnibuild) -> None:
    long_ago = time.time() - 90 * 86400
    for path in (built / "results").iterdir():
        os.utime(path, (long_ago, long_ago))
    edit(tiny / "src/greet/greet.in", "good", "nice")
    edit(tiny / "recipes/greet/recipe.yml", "good evening", "nice evening")
    assert omnibuild("build").code == 0
    by_count = omnibuild("cache", "gc", "--keep-last", "2", "--json").json
    assert by_count["removed"] == []
    by_age = omnibuild("cache", "gc", "--keep-last", "1", "--json").json
    assert sorted(name.split()[0] for name in by_age["removed"]) == ["greet", "mkgreeting"]
