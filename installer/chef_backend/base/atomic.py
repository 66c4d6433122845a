"""Files written so that a reader sees the old one or the new one, with its owner and mode from its first byte."""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chef_backend.base.errors import Conflict, NotPermitted, UnsafePath, WriteFailed
from chef_backend.base.folders import Access, opened_folder, opened_parent

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
# Hidden, so that neither chpst -e nor an include of *.conf reads one that a power cut left behind.
_TEMPORARY = re.compile(r"\..+\.(?P<pid>[1-9]\d*)-[0-9a-f]{12}\.new", re.DOTALL)
_MAX_NAME = 200  # bytes of a name that still leave room for the temporary one's (NAME_MAX is 255)


def write_file(path: Path, content: bytes, access: Access) -> None:
    """Replace or make the file `path`, on disk when this returns; on any error the old one is intact.

    Raises WriteFailed (disk full, read-only, no such folder), NotPermitted, UnsafePath, Conflict (a folder is there).
    """
    with translated(path), opened_parent(path) as folder:
        temporary = _temporary_name(path.name)
        descriptor = os.open(temporary, _NEW, 0o600 & access.mode, dir_fd=folder)
        try:
            try:
                os.fchown(descriptor, access.uid, access.gid)
                os.fchmod(descriptor, access.mode)
                _write_all(descriptor, content)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            os.rename(temporary, path.name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary, dir_fd=folder)
            raise
        os.fsync(folder)


def read_file(path: Path, limit: int | None = None) -> bytes:
    """Return the content (its first `limit` bytes) of the regular file `path`; UnsafePath if it is anything else.

    Raises the OSError of a file that is missing or unreadable.
    """
    with opened_parent(path) as folder:
        return read_at(folder, path.name, path, limit)


def read_at(folder: int, name: str, path: Path, limit: int | None = None) -> bytes:
    """Return the content of the regular file `name` of an opened folder; `path` is for messages."""
    try:
        descriptor = os.open(name, _READ, dir_fd=folder)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise UnsafePath(f"{path} is a symbolic link, not a file", hint="put the file itself there") from None
        raise
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UnsafePath(f"{path} is not a regular file", hint=f"see what it is: ls -ld {path}")
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(-1 if limit is None else limit)
    finally:
        os.close(descriptor)


def write_link(path: Path, target: str) -> None:
    """Make or replace the symbolic link `path`, which never is missing in between."""
    with translated(path), opened_parent(path) as folder:
        temporary = _temporary_name(path.name)
        os.symlink(target, temporary, dir_fd=folder)
        try:
            os.rename(temporary, path.name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary, dir_fd=folder)
            raise
        os.fsync(folder)


def remove_file(path: Path) -> None:
    """Remove the file or link `path`; no error when it is gone already."""
    with translated(path), opened_parent(path) as folder:
        with suppress(FileNotFoundError):
            os.unlink(path.name, dir_fd=folder)
        os.fsync(folder)


def remove_folder(path: Path) -> None:
    """Remove the empty folder `path`; no error when it is gone already."""
    with translated(path), opened_parent(path) as folder:
        with suppress(FileNotFoundError):
            os.rmdir(path.name, dir_fd=folder)
        os.fsync(folder)


def remove_leftovers(folder: Path) -> None:
    """Remove from `folder` the temporary files of processes that ended before they could."""
    with translated(folder), opened_folder(folder) as descriptor:
        for name in os.listdir(descriptor):  # noqa: PTH208 - of a descriptor, which no path replaces
            match = _TEMPORARY.fullmatch(name)
            if match and not Path("/proc", match["pid"]).exists():
                with suppress(FileNotFoundError):
                    os.unlink(name, dir_fd=descriptor)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn an OSError about `path` into the error that tells an operator what to do."""
    try:
        yield
    except OSError as error:
        raise _meaning(path, error) from error


def _meaning(path: Path, error: OSError) -> WriteFailed | NotPermitted | Conflict:
    reason = error.strerror or str(error)
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return WriteFailed(
                f"no room to write {path}: {reason}; what was there is as it was",
                hint=f"free some space (df -h {path.parent}; df -i {path.parent}), and run the command again",
            )
        case errno.EACCES | errno.EPERM:
            who = "root" if os.geteuid() == 0 else f"user {os.geteuid()}"
            hint = "a security module or an immutable flag may be why: ausearch -m avc -ts recent; lsattr -d"
            return NotPermitted(
                f"{who} may not write {path}: {reason}", hint=hint if who == "root" else "run the command as root"
            )
        case errno.EROFS:
            return WriteFailed(
                f"{path} is on a read-only file system",
                hint=f"find out why (findmnt -T {path.parent}; dmesg), mount it writable, and run the command again",
            )
        case errno.EISDIR | errno.ENOTEMPTY | errno.EEXIST | errno.ENOTDIR:
            return Conflict(f"{path} cannot be written: {reason}", hint=f"see what is there: ls -ld {path}")
        case _:
            return WriteFailed(
                f"{path} could not be written: {reason}", hint=f"look at its folder: ls -ld {path.parent}"
            )


def _temporary_name(name: str) -> str:
    shortened = os.fsdecode(os.fsencode(name)[:_MAX_NAME])
    return f".{shortened}.{os.getpid()}-{secrets.token_hex(6)}.new"


def _write_all(descriptor: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]
