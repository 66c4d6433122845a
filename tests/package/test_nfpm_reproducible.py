"""Two builds of the same inputs are the same bytes, whoever builds them, where and when."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import omnibuild
from tiny import write_tiny

TINY = Path(__file__).with_name("tiny.py")


def packaged(tree: Path, output: Path, *prefix: str, cwd: Path, **environment: str) -> str:
    """Return the digests that a process of its own prints for the packages of ``tree``."""
    search = f"{Path(omnibuild.__file__).parents[1]}:{TINY.parent}"
    done = subprocess.run(
        [*prefix, sys.executable, str(TINY), str(tree), str(output)],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": search, **environment},
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def first(tmp_path: Path) -> str:
    """The digests of a plain build."""
    place = tmp_path / "first"
    place.mkdir()
    return packaged(place / "tree", place / "dist", cwd=place)


def test_umask_time_zone_locale_home_and_path_leave_no_trace(first: str, tmp_path: Path) -> None:
    """Also SOURCE_DATE_EPOCH, TMPDIR and secrets of the caller's environment do not get in."""
    place = tmp_path / "second/a much longer path"
    place.mkdir(parents=True)
    again = packaged(
        place / "tree",
        place / "dist",
        cwd=Path("/"),
        TINY_UMASK="077",
        TZ="Asia/Kathmandu",
        LANG="tr_TR.UTF-8",
        LC_ALL="POSIX",
        HOME="/nonexistent",
        TMPDIR=str(place),
        SOURCE_DATE_EPOCH="1",
        X="expanded",
        NFPM_PASSPHRASE="secret",
    )
    assert again == first


def test_mtimes_modes_and_order_on_the_disk_leave_no_trace(first: str, tmp_path: Path) -> None:
    """Files are listed with time and mode, so what the disk says does not count."""
    place = tmp_path / "second"
    place.mkdir()
    tree = write_tiny(place / "tree").folder
    for number, path in enumerate(sorted(tree.rglob("*"), reverse=True)):
        os.utime(path, (number, number), follow_symlinks=False)
        if path.is_file():
            path.chmod(0o666)
    assert packaged(tree, place / "dist", cwd=place) == first


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may set a host name")
def test_the_host_name_leaves_no_trace(first: str, tmp_path: Path) -> None:
    """An rpm would hold it as its build host."""
    place = tmp_path / "second"
    place.mkdir()
    rename = ["unshare", "--uts", "sh", "-c", 'hostname another-host && exec "$@"', "sh"]
    assert packaged(place / "tree", place / "dist", *rename, cwd=place) == first


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")
def test_the_user_leaves_no_trace(first: str) -> None:
    """Owners are by name and listed, never the builder's."""
    place = Path(tempfile.mkdtemp(dir="/tmp"))
    shutil.chown(place, "nobody")
    if subprocess.run(["setpriv", "--reuid=nobody", sys.executable, "-c", ""], check=False).returncode:
        pytest.skip(f"the user nobody cannot start {sys.executable}")
    try:
        user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
        assert packaged(place / "tree", place / "dist", *user, cwd=place) == first
    finally:
        shutil.rmtree(place)


@pytest.mark.skipif(shutil.which("faketime") is None, reason="faketime is not installed (apt-get install faketime)")
def test_the_clock_leaves_no_trace(first: str, tmp_path: Path) -> None:
    """A build in ten years is the same build."""
    place = tmp_path / "second"
    place.mkdir()
    assert packaged(place / "tree", place / "dist", "faketime", "+10 years", cwd=place) == first
