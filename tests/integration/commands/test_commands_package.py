"""`omnibuild package`: the way to dist/, its comparison with the last release, and where it ends early."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from commandline import Omnibuild, edit

pytestmark = pytest.mark.root


@pytest.fixture
def released(tiny: Path, omnibuild: Omnibuild) -> Path:
    """The tiny product, packaged; returns its dist."""
    assert omnibuild("package").code == 0
    return tiny / "dist"


def sums(dist: Path) -> str:
    return (dist / "SHA256SUMS").read_text()


def test_difference_to_the_last_release_is_reported_for_people_and_programs(
    tiny: Path, released: Path, omnibuild: Omnibuild
) -> None:
    """The last release may lie where the next one goes to: it is read before it is replaced."""
    edit(tiny / "recipes/greet/build.sh", "chmod 755", 'echo new >"$PREFIX/new"\nchmod 755')
    ran = omnibuild("package", "--previous", "dist/release.json")
    assert ran.code == 0, ran.err
    assert "embedded/new" in (released / "release-diff.md").read_text()
    assert json.loads((released / "release-diff.json").read_bytes())["files_added"] == ["embedded/new"]


def test_gate_on_the_difference_stops_the_release_each_time_it_is_tried(
    tiny: Path, released: Path, omnibuild: Omnibuild
) -> None:
    """Packages and the description of the last release stay as they were, so that trying again is no way around."""
    before = sums(released), (released / "release.json").read_bytes()
    edit(tiny / "recipes/libhello/recipe.yml", "license: MIT", "license: ISC")
    edit(tiny / "manifests/current.yml", "licenses: [MIT]", "licenses: [MIT, ISC]")
    for _ in range(2):
        ran = omnibuild("package", "--previous", "dist/release.json")
        assert ran.code == 7
        assert "license_changed: libhello: from MIT to ISC" in ran.err
        assert "hint: see dist/release-diff.md" in ran.err
        assert (sums(released), (released / "release.json").read_bytes()) == before


def test_line_up_may_let_a_difference_pass(tiny: Path, released: Path, omnibuild: Omnibuild) -> None:
    edit(tiny / "recipes/libhello/recipe.yml", "license: MIT", "license: ISC")
    severity = "licenses: [MIT, ISC]\n  severity: {license_changed: warning}"
    edit(tiny / "manifests/current.yml", "licenses: [MIT]", severity)
    ran = omnibuild("package", "--previous", "dist/release.json")
    assert ran.code == 0, ran.err
    assert "\nwarning: license_changed: libhello: from MIT to ISC (have the new licence approved" in ran.err


def test_tier_of_a_check_can_be_stated_for_one_run_and_the_report_says_so(tiny: Path, omnibuild: Omnibuild) -> None:
    edit(tiny / "manifests/current.yml", 'glibc_max: "2.34"', 'glibc_max: "2.2"')
    assert omnibuild("package").code == 7
    ran = omnibuild("package", "--severity", "glibc_floor=warning")
    assert ran.code == 0, ran.err
    assert "\nwarning: glibc_floor: hello: embedded/bin/hello: " in ran.err
    assert (
        "Warning: the check glibc_floor was set to warning for this run" in (tiny / "dist/build-report.md").read_text()
    )
    assert omnibuild("check", "--severity", "glibc_floor=off").code == 0
    assert omnibuild("check").code == 7


def test_progress_names_each_package_with_its_size(tiny: Path, omnibuild: Omnibuild) -> None:
    told = omnibuild("package").err
    assert re.search(r"^verified: dist/tiny_1\.0-1_amd64\.deb, \d+\.\d KiB in [\d.]+s$", told, re.MULTILINE), told


@pytest.mark.parametrize("value", ["glibc_floor", "glibc_floor=loud"])
def test_tier_that_is_none_is_refused(value: str, tiny: Path, omnibuild: Omnibuild) -> None:
    ran = omnibuild("package", "--severity", value)
    assert ran.code == 2
    assert f"'{value}': expected NAME=TIER" in ran.err


@pytest.mark.parametrize("option", [("package", "--severity", "glibc_flor=off"), ("check", "--only", "glibc_flor")])
def test_unknown_check_is_refused_before_anything_is_done(
    option: tuple[str, ...], tiny: Path, omnibuild: Omnibuild
) -> None:
    ran = omnibuild(*option)
    assert ran.code == 2
    assert ran.err == "error: there is no check called 'glibc_flor'\nhint: did you mean glibc_floor?\n"


def test_another_file_than_a_release_description_is_refused_before_anything_is_built(
    tiny: Path, omnibuild: Omnibuild
) -> None:
    (tiny / "version-manifest.json").write_text('{"manifest_format": 2}')
    ran = omnibuild("package", "--previous", "version-manifest.json")
    assert ran.code == 2
    assert ran.err.startswith(
        "error: version-manifest.json: not a release description: 'format' is missing\nhint: give "
    )
