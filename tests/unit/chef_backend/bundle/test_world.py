"""Files as a bundle reads them: their ends, and never through what a service has put there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from seals import FakeRunner

from chef_backend.base.errors import ChefBackendError
from chef_backend.bundle.item import Program
from chef_backend.bundle.world import RealWorld

WORLD = RealWorld(FakeRunner("out"))


def test_the_end_begins_with_a_line(tmp_path: Path) -> None:
    """Half a line might be half a secret."""
    (tmp_path / "log").write_text("first\nsecond\nthird\n")
    assert WORLD.tail(tmp_path / "log", 100).content == b"first\nsecond\nthird\n"
    got = WORLD.tail(tmp_path / "log", 10)
    assert (got.content, got.size) == (b"third\n", 19)


def test_a_file_of_the_kernel_is_read_though_it_says_it_is_empty() -> None:
    """As those of /proc do."""
    got = WORLD.tail(Path("/proc/cpuinfo"), 1 << 20)
    assert got.content
    assert got.size == len(got.content)


def test_links_and_pipes_are_not_read(tmp_path: Path) -> None:
    """A service's user owns its log's folder."""
    (tmp_path / "current").symlink_to("/etc/shadow")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="symbolic links"):
        WORLD.tail(tmp_path / "current", 100)
    with pytest.raises(ChefBackendError):
        WORLD.tail(tmp_path / "pipe", 100)


def test_only_files_are_listed_the_newest_first(tmp_path: Path) -> None:
    """A folder that is not there has none."""
    for number, name in enumerate(("old", "new")):
        (tmp_path / name).write_text("x" * number)
        os.utime(tmp_path / name, (number, number))
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("old")
    assert [(each.name, each.size) for each in WORLD.files(tmp_path)] == [("new", 1), ("old", 0)]
    assert WORLD.files(tmp_path / "nowhere") == ()


def test_a_program_is_cut_at_its_beginning() -> None:
    """What it wrote last is what failed."""
    got = WORLD.run(Program("p", ("p",), limit=2))
    assert (got.content, got.size, got.code) == (b"ut", 3, 0)
