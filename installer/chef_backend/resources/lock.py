"""One reconfigure at a time."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chef_backend.base.atomic import translated
from chef_backend.base.errors import Busy
from chef_backend.base.folders import Access, make_folder, opened_parent

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_OWN = 0o600


@contextmanager
def only_one(path: Path, command: str) -> Iterator[None]:
    """Hold the lock file `path` while the block runs; Busy, with the holder's command and pid, when it is held.

    The kernel frees it when the process ends, however it ends.
    """
    with translated(path):
        _make_folder(path.parent)
        with opened_parent(path) as folder:
            descriptor = os.open(path.name, _FLAGS, _OWN, dir_fd=folder)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _busy(descriptor) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "command": command}).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _make_folder(folder: Path) -> None:
    with suppress(FileExistsError):
        make_folder(folder, Access(os.geteuid(), os.getegid(), 0o755))


def _busy(descriptor: int) -> Busy:
    try:
        holder = json.loads(os.pread(descriptor, 4096, 0))
        who, pid = f"`{holder['command']}` (pid {int(holder['pid'])})", int(holder["pid"])
    except (ValueError, KeyError, TypeError):
        return Busy("another command is changing this node", hint="wait for it to end, then run this again")
    return Busy(f"{who} is changing this node", hint=f"wait for it to end (ps -fp {pid}), then run this again")
