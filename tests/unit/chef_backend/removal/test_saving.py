"""The configuration's copy: whole, as it was, and for root's eyes only."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chef_backend.base.errors import WriteFailed
from chef_backend.removal.saving import save

AT = datetime(2026, 11, 25, 17, 3, tzinfo=UTC)
NAME = "chef-backend-cleanse-2026-11-25T17:03"


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    folder = tmp_path / "etc"
    (folder / "conf.d").mkdir(parents=True)
    for name, mode in (("chef-backend.rb", 0o644), ("chef-backend-secrets.json", 0o640), ("conf.d/more", 0o400)):
        (folder / name).write_text(name)
        (folder / name).chmod(mode)
    (folder / "conf.d").chmod(0o500)
    (folder / "link").symlink_to("/nowhere")
    os.mkfifo(folder / "pipe")
    os.utime(folder / "chef-backend.rb", (1, 2))
    return folder


def test_modes_times_and_links_are_kept(etc: Path, tmp_path: Path) -> None:
    """The folder itself is closed, whatever the original's mode is."""
    saved = save(etc, tmp_path, AT)
    assert saved == tmp_path / NAME
    assert stat.S_IMODE(saved.stat().st_mode) == 0o700
    assert sorted(path.name for path in saved.rglob("*")) == [
        "chef-backend-secrets.json",
        "chef-backend.rb",
        "conf.d",
        "link",
        "more",
    ]
    for name in ("chef-backend.rb", "chef-backend-secrets.json", "conf.d", "conf.d/more"):
        assert (saved / name).stat().st_mode == (etc / name).stat().st_mode
    assert (saved / "conf.d/more").read_text() == "conf.d/more"
    assert (saved / "chef-backend.rb").stat().st_mtime == 2
    assert (saved / "link").readlink() == Path("/nowhere")


def test_a_second_copy_within_the_minute_gets_another_name(etc: Path, tmp_path: Path) -> None:
    """The first is never written over."""
    save(etc, tmp_path, AT)
    assert save(etc, tmp_path, AT) == tmp_path / f"{NAME}-2"


def test_nothing_to_save_makes_no_folder(tmp_path: Path) -> None:
    """Neither without a folder nor with an empty one."""
    assert save(tmp_path / "etc", tmp_path, AT) is None
    (tmp_path / "etc").mkdir()
    assert save(tmp_path / "etc", tmp_path, AT) is None
    assert sorted(tmp_path.iterdir()) == [tmp_path / "etc"]


def test_a_copy_that_fails_leaves_nothing(etc: Path, tmp_path: Path) -> None:
    """A name that the new place cannot hold stands in for a full disk."""
    with pytest.raises(WriteFailed):
        save(etc, tmp_path / "nowhere", AT)
    assert not (tmp_path / "nowhere").exists()
