"""`omnibuild manifest`, and the changelog from a real git history."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from commandline import Omnibuild

GIT = ("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false")


def commit(message: str) -> str:
    subprocess.run([*GIT, "commit", "-q", "--allow-empty", "-m", message], check=True)
    return subprocess.run([*GIT, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tiny: Path) -> Path:
    subprocess.run([*GIT, "init", "-q", "."], check=True)
    return tiny


def write(path: Path, version: str, revision: str, **components: str) -> Path:
    software = {
        name: {"locked_version": locked, "source_type": "url", "license": "MIT"} for name, locked in components.items()
    }
    document = {"manifest_format": 2, "name": "tiny", "build_version": version, "build_git_revision": revision}
    path.write_text(json.dumps(document | {"software": software}))
    return path


def test_show_without_a_file_is_the_current_lineup(tiny: Path, omnibuild: Omnibuild) -> None:
    assert list(omnibuild("manifest", "show", "--json").json["software"]) == ["libhello", "hello", "greet"]
    assert "greet       2.0" in omnibuild("manifest", "show").out
    assert "| greet | 2.0 | MIT | path |" in omnibuild("manifest", "show", "--format", "markdown").out


def test_diff_of_two_files_in_every_form(tiny: Path, omnibuild: Omnibuild) -> None:
    old, new = write(tiny / "a.json", "1.0", "", zlib="1.2"), write(tiny / "b.json", "1.1", "", zlib="1.3", xz="5")
    assert omnibuild("manifest", "diff", old, new).out == "+ xz    5\n~ zlib  1.2 → 1.3\n"
    assert omnibuild("manifest", "diff", old, new, "--json").json["added"] == [["xz", "5"]]
    assert "* zlib (1.2 → 1.3)" in omnibuild("manifest", "diff", old, new, "--format", "markdown").out


def test_changelog_lists_components_and_the_commits_between(repository: Path, omnibuild: Omnibuild) -> None:
    start = commit("before")
    commit("Sharpen the saw")
    end = commit("Oil the hinges")
    old, new = (
        write(repository / "a.json", "1.0", start, zlib="1.2"),
        write(repository / "b.json", "1.1", end, zlib="1.3"),
    )
    text = omnibuild("manifest", "changelog", old, new).out
    assert text.startswith(
        "## tiny 1.1\n\n### Updated Components\n\n* zlib (1.2 → 1.3)\n\n### Changes\n\n* Oil the hinges ("
    )
    assert "before" not in text
    assert text.endswith("### Contributors\n\n* Ada\n")
    found = omnibuild("manifest", "changelog", old, new, "--json").json
    assert (found["updated"][0]["name"], found["contributors"]) == ("zlib", ["Ada"])
    assert [line.partition(" (")[0] for line in found["changes"]] == ["Oil the hinges", "Sharpen the saw"]
    lines = omnibuild("manifest", "changelog", old, new, "--format", "text").out.splitlines()
    assert lines[:3] == ["~ zlib  1.2 → 1.3", "", "Changes:"]
    assert lines[-2:] == ["Contributors:", "  Ada"]


def test_changelog_prefers_what_was_written_for_users(repository: Path, omnibuild: Omnibuild) -> None:
    start = commit("before")
    commit("Refactor")
    end = commit("Fix it\n\nBody.\n\nChangeLog-Entry: The saw no longer\n  jams.\nSigned-off-by: Ada <ada@example.com>")
    old, new = write(repository / "a.json", "1.0", start), write(repository / "b.json", "1.1", end)
    text = omnibuild("manifest", "changelog", old, new).out
    assert "* The saw no longer jams. (Ada)" in text
    assert "Refactor" not in text


@pytest.mark.parametrize("revision", ["", "unknown", "0" * 40, "--output=evil"])
def test_changelog_without_history_has_the_components_and_says_so(
    repository: Path, omnibuild: Omnibuild, revision: str
) -> None:
    old, new = write(repository / "a.json", "1.0", revision), write(repository / "b.json", "1.1", revision, xz="5")
    ran = omnibuild("manifest", "changelog", old, new)
    assert ran.code == 0
    assert "* xz (5)" in ran.out
    assert "no commits listed" in ran.err
    assert not (repository / "evil").exists()
