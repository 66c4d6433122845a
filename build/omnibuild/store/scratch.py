"""Folders for work in progress, each held by the process that made it.

A folder is held by flock(2) on itself: the kernel lets go when the process ends, however it
ends. A process id would not do: it may be another process by then, or one of another
container that shares the store.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from pathlib import Path

from omnibuild.files import remove_tree


class Scratch:
    """The folders that this process works in, below ``directory``; their names begin with ``prefix``."""

    def __init__(self, directory: Path, *, prefix: str = "work-") -> None:
        self._directory = directory
        self._prefix = prefix
        self._held: list[int] = []

    def make(self, name: str) -> Path:
        """Return a new, empty folder that ``clear`` leaves alone while this process lives."""
        while True:
            path = self._directory / f"{self._prefix}{secrets.token_hex(4)}-{name}"
            path.mkdir()
            descriptor = _hold(path)
            if descriptor >= 0:
                self._held.append(descriptor)
                return path

    def clear(self) -> None:
        """Remove the folders that no living process holds; other names (kept trees) stay."""
        for path in self._directory.glob(f"{self._prefix}*"):
            descriptor = _hold(path)
            if descriptor >= 0:
                remove_tree(path)
                os.close(descriptor)


def _hold(path: Path) -> int:
    """Return a descriptor that holds the folder; -1 if another one does, or it is gone."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return -1
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(path.stat(), os.fstat(descriptor)):
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass  # held, or removed between the two calls
    os.close(descriptor)
    return -1
