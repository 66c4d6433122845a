"""Every process of a PostgreSQL server: one that lost its first process may still end a transaction.

All of them have the data directory as their working directory:
https://www.postgresql.org/docs/15/server-shutdown.html says why the first one alone must not be killed.

Those that the first one started call themselves `postgres: …`
(https://www.postgresql.org/docs/15/monitoring-ps.html); a first one, which may not have written postmaster.pid yet, has
its command line.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from chef_backend.leader.postmaster import has_ended

_PROC: Final = "/proc"
_PROGRAM: Final = "postgres"
_CHILD: Final = b"postgres: "


def running(data_folder: Path, *, only_children: bool = False) -> int:
    """Return how many processes of the server there are, or how many of those that its first one started."""
    return sum(1 for _ in _opened(data_folder, only_children=only_children))


def kill(data_folder: Path, *, only_children: bool = False) -> int:
    """Kill those that are there, and return how many there were.

    A first one that is killed while it starts may leave an empty postmaster.pid.
    """
    number = 0
    for process in _opened(data_folder, only_children=only_children):
        number += 1
        with suppress(OSError):
            signal.pidfd_send_signal(process, signal.SIGKILL)
    return number


def _opened(data_folder: Path, *, only_children: bool) -> Iterator[int]:
    """Yield a descriptor of each process, which is closed as soon as the next one is asked for."""
    try:
        wanted = data_folder.stat()
    except OSError:
        return
    for name in os.listdir(_PROC):  # noqa: PTH208 - names of numbers
        if name.isdecimal() and _is_of(name, wanted):
            with suppress(OSError):
                process = os.pidfd_open(int(name))
                try:
                    # Again, now that the number cannot become another process's any more.
                    if _is_of(name, wanted) and (not only_children or _is_child(name)) and not has_ended(process):
                        yield process
                finally:
                    os.close(process)


def _is_of(name: str, folder: os.stat_result) -> bool:
    try:
        found = os.stat(f"{_PROC}/{name}/cwd")  # noqa: PTH116 - of many, quickly
        program = os.readlink(f"{_PROC}/{name}/exe")  # noqa: PTH115 - the same
    except OSError:
        return False  # ended, or another user's
    is_there = (found.st_dev, found.st_ino) == (folder.st_dev, folder.st_ino)
    # After an upgrade the file's name goes on with " (deleted)".
    return is_there and program.rpartition("/")[2].startswith(_PROGRAM)


def _is_child(name: str) -> bool:
    try:
        return Path(f"{_PROC}/{name}/cmdline").read_bytes().startswith(_CHILD)
    except OSError:
        return False  # ended
