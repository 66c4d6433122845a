"""etcd's write-ahead log, as far as its beginning tells whether anything was ever written to it.

A record is the length of its message in 8 bytes, little-endian, whose highest byte counts the padding behind it; then
the message, of Protocol Buffers, whose first field is the record's kind. Zeros follow the last record.
https://github.com/etcd-io/etcd/blob/release-3.5/server/wal/doc.go
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

FIRST: Final = f"{0:016x}-{0:016x}.wal"
_HEADER: Final = 8
_LENGTH: Final = (1 << 56) - 1
_PADDING: Final = 56
_PADDING_MASK: Final = 0b111
# The kinds of the records that a log is made with, before it has its name: checksum, metadata, snapshot.
_HEAD: Final = (4, 1, 5)


def has_only_its_head(content: bytes) -> bool:
    """Tell whether the log that begins so, with at least one byte behind its head, holds no entry yet.

    False for anything that is not the head of a log and nothing else.
    """
    return tuple(_kinds(content)) == _HEAD


def _kinds(content: bytes) -> Iterator[int]:
    """Yield the kind of each record, -1 for what is none."""
    at = 0
    while any(header := content[at : at + _HEADER]):
        packed = int.from_bytes(header, "little")
        end = at + _HEADER + (packed & _LENGTH)
        message = content[at + _HEADER : end]
        yield message[1] if end <= len(content) and message[:1] == b"\x08" and len(message) > 1 else -1
        at = end + (packed >> _PADDING & _PADDING_MASK)
