"""Files written whole, with their owner and mode, and nowhere else."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chef_backend.base import atomic
from chef_backend.base.errors import Conflict, NotPermitted, UnsafePath, WriteFailed
from chef_backend.base.folders import Access, make_folder, opened_folder, set_folder

ME = Access(os.geteuid(), os.getegid(), 0o640)
NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_has_exactly_what_was_asked_for_whatever_the_umask(tmp_path: Path) -> None:
    """Content and mode are those given; the umask has no say."""
    before = os.umask(0o077)
    try:
        atomic.write_file(tmp_path / "f", b"text", Access(ME.uid, ME.gid, 0o664))
    finally:
        os.umask(before)
    assert (tmp_path / "f").read_bytes() == b"text"
    assert stat.S_IMODE((tmp_path / "f").stat().st_mode) == 0o664
    assert names(tmp_path) == ["f"]


@as_root
def test_owner_and_mode_are_final_before_the_first_byte(tmp_path: Path) -> None:
    """Traced: fchown and fchmod of the new file come before the first write to it."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    program = (
        "from pathlib import Path; from chef_backend.base.atomic import write_file;"
        "from chef_backend.base.folders import Access;"
        f"write_file(Path({str(tmp_path / 'f')!r}), b'secret-text', Access({NOBODY}, {NOBODY}, 0o600))"
    )
    trace = subprocess.run(
        [
            "strace",
            "-e",
            "trace=openat,fchown,fchmod,write,fsync,/^rename",
            sys.executable,
            "-c",
            program,
        ],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    order = [trace.index(part) for part in ("O_EXCL", "fchown(", "fchmod(", "secret-text", "fsync(", "rename")]
    assert order == sorted(order)


@as_root
def test_the_owner_is_the_one_given(tmp_path: Path) -> None:
    """Root writes a file of another user."""
    atomic.write_file(tmp_path / "f", b"", Access(NOBODY, NOBODY, 0o600))
    found = (tmp_path / "f").stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (NOBODY, NOBODY, 0o600)


def test_a_full_disk_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    """When not everything fits, the old content stays, nothing else does, and the message says what to do."""
    path = tmp_path / "f"
    path.write_bytes(b"old")
    with largest_file(1000), pytest.raises(WriteFailed, match="no room to write") as raised:
        atomic.write_file(path, b"x" * 5000, ME)
    assert "df -h" in raised.value.hint
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["f"]


def test_a_link_in_the_files_place_is_replaced_not_followed(tmp_path: Path) -> None:
    """What a planted link leads to is not touched."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    (tmp_path / "f").symlink_to(victim)
    atomic.write_file(tmp_path / "f", b"new", ME)
    assert victim.read_bytes() == b"mine"
    assert not (tmp_path / "f").is_symlink()


def test_a_second_name_of_a_file_keeps_its_content_and_mode(tmp_path: Path) -> None:
    """A hard link planted in the file's place does not carry the change over to its other name."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    victim.chmod(0o600)
    (tmp_path / "f").hardlink_to(victim)
    atomic.write_file(tmp_path / "f", b"new", Access(ME.uid, ME.gid, 0o644))
    assert victim.read_bytes() == b"mine"
    assert stat.S_IMODE(victim.stat().st_mode) == 0o600


@as_root
def test_a_folder_link_made_by_a_service_user_is_refused(tmp_path: Path) -> None:
    """A service's user cannot send root elsewhere by a link in a folder of its own."""
    tmp_path.chmod(0o755)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    service = tmp_path / "service"
    service.mkdir()
    (service / "data").symlink_to(elsewhere)
    os.chown(service, NOBODY, NOBODY)
    for action in (
        lambda: atomic.write_file(service / "data/f", b"", ME),
        lambda: atomic.write_link(service / "data/f", "x"),
        lambda: atomic.remove_file(service / "data/f"),
        lambda: make_folder(service / "data/d", ME),
        lambda: set_folder(service / "data", ME),
        lambda: atomic.read_file(service / "data/f"),
    ):
        with pytest.raises(UnsafePath, match=r"data on the way to .* is a symbolic link"):
            action()
    assert names(elsewhere) == []


@as_root
def test_a_link_that_another_user_owns_is_refused(tmp_path: Path) -> None:
    """Not only the folder's owner counts: the link's does too."""
    (tmp_path / "real").mkdir()
    link = tmp_path / "link"
    link.symlink_to("real")
    os.chown(link, NOBODY, NOBODY, follow_symlinks=False)
    with pytest.raises(UnsafePath):
        atomic.write_file(link / "f", b"", ME)


def test_a_folder_that_root_moved_to_another_disk_is_followed(tmp_path: Path) -> None:
    """An administrator's own link is a way to move data elsewhere; relative, absolute and chained ones work."""
    (tmp_path / "disk/a").mkdir(parents=True)
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to(tmp_path / "disk")
    (tmp_path / "disk/up").symlink_to("../disk/a/.")
    atomic.write_file(tmp_path / "one/up/f", b"x", ME)
    assert (tmp_path / "disk/a/f").read_bytes() == b"x"


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    """A loop is an error, not a hang."""
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(WriteFailed):
        atomic.write_file(tmp_path / "a/f", b"", ME)


def test_a_path_through_a_file_or_a_missing_folder_says_so(tmp_path: Path) -> None:
    """What is wrong with the way there is told, as an expected error."""
    (tmp_path / "file").touch()
    with pytest.raises(Conflict):
        atomic.write_file(tmp_path / "file/f", b"", ME)
    with pytest.raises(WriteFailed, match="No such file"):
        atomic.write_file(tmp_path / "none/f", b"", ME)
    (tmp_path / "folder").mkdir()
    with pytest.raises(Conflict):
        atomic.write_file(tmp_path / "folder", b"", ME)
    with pytest.raises(ValueError, match="not absolute"):
        atomic.write_file(Path("relative/f"), b"", ME)


def test_a_long_name_can_be_written(tmp_path: Path) -> None:
    """The temporary name still fits where the final one is as long as may be."""
    name = "ü" * 127
    atomic.write_file(tmp_path / name, b"x", ME)
    assert names(tmp_path) == [name]


def test_a_reader_sees_a_file_and_nothing_else(tmp_path: Path) -> None:
    """Links and pipes are refused at once (a pipe would hang a plain open)."""
    (tmp_path / "f").write_bytes(b"abcdef")
    assert atomic.read_file(tmp_path / "f") == b"abcdef"
    assert atomic.read_file(tmp_path / "f", 3) == b"abc"
    (tmp_path / "link").symlink_to("f")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe"):
        with pytest.raises(UnsafePath):
            atomic.read_file(tmp_path / name)
    with pytest.raises(UnsafePath):
        atomic.read_file(tmp_path)
    with pytest.raises(FileNotFoundError):
        atomic.read_file(tmp_path / "none")


def test_a_link_is_replaced_in_one_step(tmp_path: Path) -> None:
    """Writing a link over a link or a file leaves the new link only."""
    atomic.write_link(tmp_path / "l", "a")
    atomic.write_link(tmp_path / "l", "b")
    assert str((tmp_path / "l").readlink()) == "b"
    (tmp_path / "folder").mkdir()
    with pytest.raises(Conflict):
        atomic.write_link(tmp_path / "folder", "b")
    assert names(tmp_path) == ["folder", "l"]


def test_removing_twice_is_no_error(tmp_path: Path) -> None:
    """What is gone already is gone; a folder with something in it is not removed."""
    (tmp_path / "f").touch()
    (tmp_path / "d").mkdir()
    for _ in range(2):
        atomic.remove_file(tmp_path / "f")
        atomic.remove_folder(tmp_path / "d")
    (tmp_path / "d").mkdir()
    (tmp_path / "d/f").touch()
    with pytest.raises(Conflict):
        atomic.remove_folder(tmp_path / "d")


def test_only_leftovers_of_dead_processes_are_removed(tmp_path: Path) -> None:
    """A file that a living process is writing, and everything with another name, stays."""
    dead = subprocess.Popen(["true"])
    dead.wait()
    keep = [f".f.{os.getpid()}-0123456789ab.new", ".f.new", "f.1-0123456789ab.new"]
    for name in [*keep, f".f.{dead.pid}-0123456789ab.new"]:
        (tmp_path / name).touch()
    atomic.remove_leftovers(tmp_path)
    assert names(tmp_path) == sorted(keep)


def test_a_folder_gets_its_access_when_made_and_later(tmp_path: Path) -> None:
    """Mode bits are exact, set-group-id included, and a descriptor of it opens."""
    make_folder(tmp_path / "d", Access(ME.uid, ME.gid, 0o2750))
    assert stat.S_IMODE((tmp_path / "d").stat().st_mode) == 0o2750
    set_folder(tmp_path / "d", Access(ME.uid, ME.gid, 0o700))
    assert stat.S_IMODE((tmp_path / "d").stat().st_mode) == 0o700
    with opened_folder(tmp_path / "d") as descriptor:
        assert os.fstat(descriptor).st_ino == (tmp_path / "d").stat().st_ino


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOSPC, WriteFailed),
        (errno.EDQUOT, WriteFailed),
        (errno.EROFS, WriteFailed),
        (errno.EACCES, NotPermitted),
        (errno.EPERM, NotPermitted),
        (errno.EIO, WriteFailed),
        (errno.EISDIR, Conflict),
    ],
)
def test_each_reason_has_its_error_and_a_next_step(number: int, expected: type[Exception]) -> None:
    """What the operating system says becomes what the operator can do."""
    with pytest.raises(expected) as raised, atomic.translated(Path("/a/b")):
        raise OSError(number, os.strerror(number))
    assert "/a" in str(raised.value)
    assert raised.value.hint  # type: ignore[attr-defined]
