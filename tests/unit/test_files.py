"""Files written whole, folders removed, ends of logs, job tokens."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from omnibuild.errors import HostLacks
from omnibuild.files import full_disk_told, is_full, remove_tree, write_atomic
from omnibuild.jobserver import Jobserver
from omnibuild.tail import last_lines


def test_a_file_is_written_with_its_mode(tmp_path: Path) -> None:
    """Folders are made, the mode is exact whatever the umask, nothing else is left."""
    path = tmp_path / "a/b/file"
    before = os.umask(0o077)
    try:
        write_atomic(path, b"one", mode=0o755)
        write_atomic(path, b"two")
    finally:
        os.umask(before)
    assert path.read_bytes() == b"two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert list(path.parent.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A file in the way of the folder is the host's trouble, told by path."""
    (tmp_path / "file").write_text("")
    with pytest.raises(HostLacks, match="file/inside: cannot be written"):
        write_atomic(tmp_path / "file/inside", b"")


def test_a_full_device_is_told_as_full() -> None:
    """/dev/full has the error of a full disk; other errors stay what they are."""
    with pytest.raises(HostLacks, match="the disk is full") as caught, full_disk_told(Path("/dev")):
        Path("/dev/full").write_text("x")
    assert caught.value.exit_code == 10
    with pytest.raises(FileNotFoundError), full_disk_told(Path("/dev")):
        Path("/dev/absent").read_text()
    assert not is_full(Path("/"))


def test_a_tree_of_any_modes_is_removed(tmp_path: Path) -> None:
    """Closed folders, links to elsewhere and odd names go; what links point to stays."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/file").write_text("stays")
    tree = tmp_path / "tree"
    (tree / "closed/deeper").mkdir(parents=True)
    (tree / "closed/deeper/file").write_text("")
    (tree / "link").symlink_to(tmp_path / "outside")
    Path(os.fsdecode(os.fsencode(tree) + b"/\xff\n")).write_text("")
    (tree / "closed/deeper").chmod(0o000)
    (tree / "closed").chmod(0o000)
    tree.chmod(0o000)
    remove_tree(tree)
    assert not tree.exists()
    assert (tmp_path / "outside/file").read_text() == "stays"
    remove_tree(tree)


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"one\n\n  \ntwo", ["one", "two"]),
        (b"one\ntwo\nthree\n", ["two", "three"]),
        (b"x" * 40_000 + b"\nend\n", ["x" * 16_379, "end"]),
        (b"\xff\n", ["\N{REPLACEMENT CHARACTER}"]),
    ],
)
def test_the_end_of_a_log(tmp_path: Path, data: bytes, lines: list[str]) -> None:
    """The last lines that say something, of any bytes, without reading a long log whole."""
    (tmp_path / "log").write_bytes(data)
    assert last_lines(tmp_path / "log", 2) == lines


def test_no_log_has_no_lines(tmp_path: Path) -> None:
    """A log that was never begun is not an error."""
    assert last_lines(tmp_path / "log", 2) == []


@pytest.mark.parametrize("jobs", [1, 2, 8])
def test_a_jobserver_holds_its_tokens(jobs: int) -> None:
    """One token less than there are jobs: each make has one of its own; a refill makes up for lost ones."""
    with Jobserver(jobs) as server:
        read, _ = server.descriptors
        assert server.makeflags == f"-j{jobs} --jobserver-auth={read},{server.descriptors[1]}"
        if jobs > 1:
            assert os.read(read, 1) == b"+"
        server.refill()
        os.set_blocking(read, False)
        tokens = b""
        try:
            tokens = os.read(read, 100)
        except BlockingIOError:
            assert jobs == 1
        assert tokens == b"+" * (jobs - 1)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(read)
