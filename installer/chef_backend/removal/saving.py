"""The configuration copied to where only root can look, whole or not at all, before anything is deleted."""

from __future__ import annotations

import os
import shutil
import stat
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Final

from chef_backend.base.atomic import translated

PREFIX: Final = "chef-backend-cleanse-"
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def save(source: Path, home: Path, now: datetime) -> Path | None:
    """Copy the folder `source` into `home` as chef-backend-cleanse-TIME, and return that; None when nothing is there.

    The copy is 0700, what is in it has the owners, modes and times that it had; links stay links. Raises WriteFailed
    and NotPermitted.
    """
    if not source.is_dir() or not any(source.iterdir()):
        return None
    unfinished = home / f".{PREFIX}{os.getpid()}.new"
    with translated(unfinished):
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        try:
            _copy_content(source, unfinished)
            _sync(unfinished)
            found = _free(home, f"{PREFIX}{now:%Y-%m-%dT%H:%M}")
            unfinished.rename(found)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        _sync(home)
    return found


def _free(home: Path, name: str) -> Path:
    """Return a path that nothing has: a second run within the minute gets another."""
    names = (name if number == 1 else f"{name}-{number}" for number in count(1))
    return next(home / each for each in names if not os.path.lexists(home / each))


def _copy_content(source: Path, target: Path) -> None:
    """Copy what is in a folder; a socket, pipe or device holds no configuration."""
    for item in sorted(source.iterdir()):
        found, copy = item.lstat(), target / item.name
        if stat.S_ISLNK(found.st_mode):
            copy.symlink_to(item.readlink())
            os.chown(copy, found.st_uid, found.st_gid, follow_symlinks=False)
        elif stat.S_ISDIR(found.st_mode):
            copy.mkdir(mode=0o700)
            _copy_content(item, copy)
            os.chown(copy, found.st_uid, found.st_gid)
            copy.chmod(stat.S_IMODE(found.st_mode))
            _sync(copy)
        elif stat.S_ISREG(found.st_mode):
            _copy_file(item, copy)


def _copy_file(source: Path, target: Path) -> None:
    with (
        os.fdopen(os.open(source, _READ), "rb") as original,
        os.fdopen(os.open(target, _NEW, 0o600), "wb") as copy,
    ):
        found = os.fstat(original.fileno())
        shutil.copyfileobj(original, copy)
        copy.flush()
        os.fchown(copy.fileno(), found.st_uid, found.st_gid)
        os.fchmod(copy.fileno(), stat.S_IMODE(found.st_mode))
        os.utime(copy.fileno(), ns=(found.st_atime_ns, found.st_mtime_ns))
        os.fsync(copy.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
