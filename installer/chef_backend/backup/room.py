"""How much room there is, and how much is needed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from chef_backend.base.errors import WriteFailed

MB: Final = 1 << 20
# Besides what is written: the file system's own, and what the node itself goes on to write.
_SPARE: Final = 64 * MB


def free_bytes(folder: Path) -> int:
    """Return what may still be written to the file system of a folder."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def require_room(folder: Path, needed: int, what: str, free: Callable[[Path], int] = free_bytes) -> None:
    """Raise WriteFailed unless that many bytes, a tenth more and some to spare can be written below `folder`."""
    wanted, there = needed + needed // 10 + _SPARE, free(folder)
    if there < wanted:
        raise WriteFailed(
            f"{what} needs {megabytes(wanted)} in {folder}, where {megabytes(there)} are free; nothing was changed",
            hint=f"free some space (df -h {folder}), and run the command again",
        )


def room_for(folder: Path) -> int:
    """Return the bytes that a packed copy of a folder needs on its way: all files, and the largest of them twice.

    What is packed is removed from the copy, file by file. Files that go away meanwhile are none.
    """
    total = largest = 0
    for parent, _folders, files in os.walk(folder):
        for name in files:
            try:
                size = Path(parent, name).lstat().st_size
            except FileNotFoundError:
                continue
            total, largest = total + size, max(largest, size)
    return total + largest


def megabytes(size: int) -> str:
    """Return a size in words."""
    return f"{size / MB:,.1f} MB"
