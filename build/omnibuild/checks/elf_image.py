"""The byte layout of an ELF file: header, segments, dynamic section, strings and notes."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

_HEADERS = {32: "HHIIIIIHHH", 64: "HHIQQQIHHH"}
_SEGMENTS = {32: "IIIIIIII", 64: "IIQQQQQQ"}
_DYNAMICS = {32: "iI", 64: "qQ"}
_CLASSES = {1: 32, 2: 64}
_ORDERS = {1: "<", 2: ">"}
_IDENT_SIZE = 16
_LONGEST_STRING = 64 * 1024


class SegmentType(IntEnum):
    """p_type: the segments that matter here."""

    LOAD = 1
    DYNAMIC = 2
    INTERP = 3
    NOTE = 4
    GNU_STACK = 0x6474E551
    GNU_RELRO = 0x6474E552


class DynamicTag(IntEnum):
    """d_tag: the entries of the dynamic section that matter here."""

    NEEDED = 1
    HASH = 4
    STRTAB = 5
    SYMTAB = 6
    SONAME = 14
    RPATH = 15
    BIND_NOW = 24
    RUNPATH = 29
    FLAGS = 30
    VERSYM = 0x6FFFFFF0
    FLAGS_1 = 0x6FFFFFFB
    VERDEF = 0x6FFFFFFC
    VERDEFNUM = 0x6FFFFFFD
    VERNEED = 0x6FFFFFFE
    VERNEEDNUM = 0x6FFFFFFF


@dataclass(frozen=True, slots=True)
class Segment:
    """A program header: ``size`` bytes at ``offset`` of the file, mapped to ``address``."""

    type: int
    flags: int
    offset: int
    address: int
    size: int


class Image:
    """Access to one ELF file's bytes; methods raise struct.error, ValueError or LookupError on damage."""

    def __init__(self, data: bytes) -> None:
        if data[4] not in _CLASSES or data[5] not in _ORDERS:
            msg = f"class {data[4]} and byte order {data[5]} are not defined"
            raise ValueError(msg)
        self._data = data
        self._strings = -1
        self._order = _ORDERS[data[5]]
        self.bits = _CLASSES[data[4]]
        self.big_endian = self._order == ">"
        header = self.unpack(_HEADERS[self.bits], _IDENT_SIZE)
        self.type, self.machine = header[0], header[1]
        self.segments = tuple(self._segment(header[4] + i * header[8]) for i in range(header[9]))

    def _segment(self, offset: int) -> Segment:
        fields = self.unpack(_SEGMENTS[self.bits], offset)
        if self.bits == 64:  # noqa: PLR2004 - the one difference in field order between the classes
            kind, flags, start, address, _, size = fields[:6]
        else:
            kind, start, address, _, size, _, flags = fields[:7]
        return Segment(kind, flags, start, address, size)

    def unpack(self, layout: str, offset: int) -> tuple[int, ...]:
        """Return the integers of ``layout`` (struct's letters, unpadded) at ``offset``."""
        if not 0 <= offset <= len(self._data):
            msg = f"offset {offset:#x} lies outside the file"
            raise ValueError(msg)
        return struct.unpack_from(self._order + layout, self._data, offset)

    def all(self, kind: SegmentType) -> Iterator[Segment]:
        """Yield the segments of this type in file order."""
        return (segment for segment in self.segments if segment.type == kind)

    def first(self, kind: SegmentType) -> Segment | None:
        """Return the first segment of this type, if there is one."""
        return next(self.all(kind), None)

    def offset_of(self, address: int) -> int:
        """Return where in the file the byte lies that is mapped to ``address``."""
        for segment in self.all(SegmentType.LOAD):
            if segment.address <= address < segment.address + segment.size:
                return segment.offset + address - segment.address
        msg = f"address {address:#x} is in no loaded segment"
        raise ValueError(msg)

    def dynamic_tags(self) -> dict[int, list[int]]:
        """Return the dynamic section's values by tag; empty for a static file."""
        segment = self.first(SegmentType.DYNAMIC)
        tags: dict[int, list[int]] = {}
        if segment is None:
            return tags
        layout = struct.Struct(self._order + _DYNAMICS[self.bits])
        end = segment.offset + segment.size // layout.size * layout.size
        if end > len(self._data):
            msg = "the dynamic section lies beyond the end of the file"
            raise ValueError(msg)
        for tag, value in layout.iter_unpack(self._data[segment.offset : end]):
            if tag == 0:
                break
            tags.setdefault(tag, []).append(value)
        if DynamicTag.STRTAB in tags:
            self._strings = self.offset_of(tags[DynamicTag.STRTAB][0])
        return tags

    def string(self, offset: int) -> str:
        """Return the string at this offset of the dynamic string table."""
        if self._strings < 0:
            msg = "there is no dynamic string table"
            raise ValueError(msg)
        return self.text(self._strings + offset)

    def text(self, offset: int) -> str:
        """Return the NUL-terminated text at this offset of the file."""
        end = self._data.find(b"\0", offset, offset + _LONGEST_STRING)
        if end < 0:
            msg = f"the string at {offset:#x} has no end"
            raise ValueError(msg)
        return self._data[offset:end].decode("utf-8", "surrogateescape")

    def notes(self, segment: Segment) -> Iterator[tuple[bytes, int, bytes]]:
        """Yield (owner, type, content) of each note of a note segment."""
        at, end = segment.offset, min(segment.offset + segment.size, len(self._data))
        while at + 12 <= end:
            owner_size, size, kind = self.unpack("III", at)
            content = at + 12 + _aligned(owner_size)
            yield self._data[at + 12 : at + 12 + owner_size].rstrip(b"\0"), kind, self._data[content : content + size]
            at = content + _aligned(size)


def _aligned(size: int) -> int:
    return (size + 3) & ~3
