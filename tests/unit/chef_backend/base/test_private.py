"""A file for one reader, written where an operator says: never through anything that is there."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from chef_backend.base.errors import UnsafePath, WriteFailed
from chef_backend.base.private import write_private


def test_it_is_its_writers_alone(tmp_path: Path) -> None:
    """Also where a file that all could read was before; its owner becomes the writer."""
    path = tmp_path / "chef-server.rb"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [item.name for item in tmp_path.iterdir()] == ["chef-server.rb"]


@pytest.mark.parametrize("what", ["link", "dangling", "pipe", "folder"])
def test_what_is_no_file_is_left_alone(tmp_path: Path, what: str) -> None:
    """A link that somebody has put into /tmp, /dev/stdout, a folder."""
    path, other = tmp_path / "x", tmp_path / "other"
    other.write_text("precious")
    match what:
        case "link":
            path.symlink_to(other)
        case "dangling":
            path.symlink_to(tmp_path / "nowhere")
        case "pipe":
            os.mkfifo(path)
        case _:
            path.mkdir()
    before = path.lstat()
    with pytest.raises(UnsafePath, match="nothing was written"):
        write_private(path, b"new")
    assert path.lstat().st_ino == before.st_ino
    assert other.read_text() == "precious"
    assert not (tmp_path / "nowhere").exists()


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    """Nothing is made on the way."""
    with pytest.raises(WriteFailed):
        write_private(tmp_path / "no/x", b"")
