"""Finds a member of an ar archive, which is what a deb is, see ar(5) and deb(5)."""

from __future__ import annotations

import io
from collections.abc import Collection
from pathlib import Path
from typing import IO

from omnibuild.errors import PackagingFailed

_MAGIC = b"!<arch>\n"
_HEADER = 60
_NAME, _SIZE, _END = slice(0, 16), slice(48, 58), slice(58, 60)


class _Member(io.RawIOBase):
    """The bytes of one member as a file of their own."""

    def __init__(self, archive: IO[bytes], size: int) -> None:
        super().__init__()
        self._archive = archive
        self._start = archive.tell()
        self._size = size
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = min(max(base + offset, 0), self._size)
        self._archive.seek(self._start + self._position)
        return self._position

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override] # any buffer has what is used of it
        data = self._archive.read(min(len(buffer), self._size - self._position))
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)


def find_member(archive: IO[bytes], names: Collection[str], path: Path) -> tuple[str, IO[bytes]]:
    """Return the first member of one of these names, and its name; ``archive``, the opened file ``path``, stays in use.

    Raises PackagingFailed if there is none.
    """
    if archive.read(len(_MAGIC)) != _MAGIC:
        raise PackagingFailed(f"{path}: expected an ar archive")
    found = []
    while (header := archive.read(_HEADER))[_END] == b"`\n" and header[_SIZE].strip().isdigit():
        name, size = header[_NAME].decode(errors="replace").rstrip(" /"), int(header[_SIZE])
        if name in names:
            return name, io.BufferedReader(_Member(archive, size))
        found.append(name)
        archive.seek(size + size % 2, io.SEEK_CUR)
    raise PackagingFailed(f"{path}: expected a member {' or '.join(names)}, found {', '.join(found) or 'none'}")
