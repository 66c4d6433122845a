"""sha256 of bytes while they are written."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import BinaryIO

CHUNK = 1 << 20


class HashingWriter:
    """A binary writer that hashes what passes through it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        """Write and hash."""
        self._hash.update(data)
        self.size += len(data)
        return self._stream.write(data)

    def hexdigest(self) -> str:
        """Return the sha256 of all bytes so far."""
        return self._hash.hexdigest()


def copy_hashed(source: Path, target: Path) -> str:
    """Copy a file's bytes, reading them once; return their sha256."""
    with source.open("rb") as reader, target.open("wb") as stream:
        writer = HashingWriter(stream)
        while chunk := reader.read(CHUNK):
            writer.write(chunk)
    return writer.hexdigest()
