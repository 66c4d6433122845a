"""`omnibuild doctor`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from commandline import Omnibuild


def test_doctor_says_of_each_thing_whether_it_is_there(tiny: Path, omnibuild: Omnibuild) -> None:
    rows = {row["what"]: row for row in omnibuild("doctor", "--json").json}
    assert {"python", "git", "nfpm", "docker engine", "isolation", "disk", "memory", "lintian"} <= rows.keys()
    assert rows["python"]["found"] == ".".join(map(str, sys.version_info[:3]))
    assert all(row["fix"] for row in rows.values() if not row["ok"])
    assert not any(row["fix"] for row in rows.values() if row["ok"])


def test_missing_program_is_named_with_the_command_that_installs_it(
    tiny: Path, omnibuild: Omnibuild, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A PATH without programs: what every build needs ends doctor with its own exit code."""
    empty = tmp_path / "bin"
    empty.mkdir()
    monkeypatch.setenv("PATH", str(empty))
    ran = omnibuild("doctor")
    assert ran.code == 10
    git = next(line.split() for line in ran.out.splitlines() if line.startswith("git "))
    assert git[1] == "MISSING"
    assert git[-3:] == ["apt-get", "install", "git"]
    assert "this host lacks: git" in ran.err


def test_program_that_says_no_version_is_shown_by_its_path(
    tiny: Path, omnibuild: Omnibuild, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "bin" / "lintian"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\necho no idea\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}:/usr/bin:/bin")
    row = next(row for row in omnibuild("doctor", "--json").json if row["what"] == "lintian")
    assert Path(row["found"]) == tool


def test_store_that_cannot_be_used_is_one_of_the_things_that_are_missing(tiny: Path, omnibuild: Omnibuild) -> None:
    ran = omnibuild("doctor", "--store", tiny / "manifests/current.yml/store", "--json")
    assert ran.code == 10, ran.err
    (row,) = (row for row in ran.json if row["what"] == "store")
    assert "Not a directory" in row["found"]
    assert "hint: give --store DIR" in ran.err
