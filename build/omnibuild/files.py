"""Files written whole or not at all, folders removed whatever is in them, hashes."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from omnibuild.errors import HostLacks

_NO_ROOM = 256 << 10
_FULL = (errno.ENOSPC, errno.EDQUOT)


def write_atomic(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write ``data`` to ``path`` so that a reader, or a power cut, sees the old file or the new.

    Raises HostLacks when the disk is full.
    """
    name = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "wb") as stream:
            os.fchmod(stream.fileno(), mode)
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(name, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise not_written(path, error) from error


def not_written(path: Path, error: OSError) -> HostLacks:
    """Return what to raise when ``path`` could not be written."""
    if error.errno in _FULL:
        return HostLacks(f"{path}: cannot be written: the disk is full", hint="free some disk space")
    return HostLacks(f"{path}: cannot be written: {error.strerror}", hint="check its folder's owner and mode")


@contextlib.contextmanager
def full_disk_told(directory: Path) -> Iterator[None]:
    """Turn the lack of disk space into HostLacks; ``directory`` is where it lacks if the error names no file."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        place = error.filename2 or error.filename or directory
        raise HostLacks(f"{place}: the disk is full", hint="free some disk space") from error


def is_full(directory: Path) -> bool:
    """Tell whether a disk has next to no room left, so that whatever fails there may fail for this."""
    status = os.statvfs(directory)
    return status.f_bavail * status.f_frsize < _NO_ROOM or (status.f_files > 0 and status.f_favail == 0)


def sync_filesystem(directory: Path) -> None:
    """Flush everything written so far to ``directory``'s file system, see syncfs(2)."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        ctypes.CDLL(None).syncfs(descriptor)
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    """Return the file's sha256 in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def remove_tree(path: Path) -> None:
    """Remove a folder with everything in it, whatever modes a build left; harmless if absent."""
    if not path.exists():
        return
    path.chmod(0o700)
    for folder, names, _ in os.walk(path):
        for name in names:
            full = os.path.join(folder, name)
            if not os.path.islink(full):
                os.chmod(full, 0o700)
    shutil.rmtree(path)
