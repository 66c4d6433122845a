"""Which symbol of an ELF file asks for a symbol version: only looked up to explain a problem."""

from __future__ import annotations

import struct

from omnibuild.checks.elf_image import DynamicTag, Image

_SYMBOLS = {32: ("IIIBBH", 16, 5), 64: ("IBBHQQ", 24, 3)}  # layout, size, place of st_shndx
_INDEX_MASK = 0x7FFF  # the top bit marks a hidden version


def symbol_needing(data: bytes, version_index: int) -> str | None:
    """Return the first undefined symbol marked with this version index (VersionNeed.index).

    None when no symbol is (a version such as GLIBC_ABI_DT_RELR stands for the format itself)
    or when the tables are damaged.
    """
    try:
        image = Image(data)
        return _search(image, image.dynamic_tags(), version_index)
    except (struct.error, ValueError, LookupError):
        return None


def _search(image: Image, tags: dict[int, list[int]], version_index: int) -> str | None:
    layout, size, section = _SYMBOLS[image.bits]
    symbols = image.offset_of(tags[DynamicTag.SYMTAB][0])
    versions = image.offset_of(tags[DynamicTag.VERSYM][0])
    for index in range(1, _count(image, tags, symbols, size)):
        if image.unpack("H", versions + 2 * index)[0] & _INDEX_MASK == version_index:
            symbol = image.unpack(layout, symbols + size * index)
            if symbol[section] == 0:
                return image.string(symbol[0])
    return None


def _count(image: Image, tags: dict[int, list[int]], symbols: int, size: int) -> int:
    if DynamicTag.HASH in tags:
        return image.unpack("II", image.offset_of(tags[DynamicTag.HASH][0]))[1]
    # No count is written down elsewhere; linkers put the strings right after the symbols.
    return max(0, image.offset_of(tags[DynamicTag.STRTAB][0]) - symbols) // size
