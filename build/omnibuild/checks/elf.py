"""What the checks need to know of an ELF file, read from its program headers alone.

The loader, too, looks only at program headers, so a file without section headers is read
like any other. Layouts: System V gABI chapters 4 and 5, and the LSB for symbol versions.
It reads just these fields because pyelftools takes far longer over them, and a large prefix
is examined in every run; a test compares the two.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import StrEnum

from omnibuild.checks.elf_image import DynamicTag, Image, Segment, SegmentType

MAGIC = b"\x7fELF"
_PACKAGE_NOTE_OWNER = b"FDO"
_PACKAGE_NOTE_TYPE = 0xCAFE1A7E
_FLAG_NOW, _FLAG_1_NOW, _FLAG_1_NODEFLIB, _FLAG_1_PIE = 0x8, 0x1, 0x800, 0x08000000
_WEAK, _BASE = 0x2, 0x1
_EXECUTABLE = 0x1


class ElfType(StrEnum):
    """e_type: what the file is for."""

    OBJECT = "object"
    EXECUTABLE = "executable"
    SHARED = "shared"
    CORE = "core"
    OTHER = "other"


_TYPES = {1: ElfType.OBJECT, 2: ElfType.EXECUTABLE, 3: ElfType.SHARED, 4: ElfType.CORE}


@dataclass(frozen=True, slots=True)
class VersionNeed:
    """A symbol version that ``library`` must define.

    The loader only refuses a file for a missing version that is not ``weak``. ``index`` is
    what the file's symbols are marked with (see elf_symbols.py).
    """

    library: str
    version: str
    weak: bool = False
    index: int = 0


@dataclass(frozen=True, slots=True)
class Elf:
    """An ELF file's facts.

    ``rpath`` and ``runpath`` are the search lists as written, split at colons (None: the tag
    is absent; an ``rpath`` beside a ``runpath`` is kept here, though the loader ignores it).
    ``package_note`` is the JSON text of .note.package. ``fault`` says why the file cannot be
    read further; the other fields then hold what was read before.
    """

    bits: int
    big_endian: bool
    machine: int
    type: ElfType
    dynamic: bool = False
    interpreter: str | None = None
    soname: str | None = None
    needed: tuple[str, ...] = ()
    rpath: tuple[str, ...] | None = None
    runpath: tuple[str, ...] | None = None
    version_needs: tuple[VersionNeed, ...] = ()
    version_definitions: frozenset[str] = frozenset()
    package_note: str | None = None
    executable_stack: bool = False
    relro: bool = False
    bind_now: bool = False
    position_independent: bool = False
    no_default_libraries: bool = False
    fault: str = ""

    @property
    def is_linked(self) -> bool:
        """True for what a linker made to be run or loaded (not an object file or a core)."""
        return self.type in {ElfType.EXECUTABLE, ElfType.SHARED}


def read_elf(data: bytes) -> Elf | None:
    """Return the facts of these bytes; None when they are not an ELF file at all.

    A damaged file never raises: its ``fault`` is set.
    """
    if data[:4] != MAGIC:
        return None
    try:
        image = Image(data)
    except (struct.error, ValueError, LookupError) as error:
        return Elf(0, big_endian=False, machine=0, type=ElfType.OTHER, fault=f"unreadable header: {error}")
    basics = (image.bits, image.big_endian, image.machine, _TYPES.get(image.type, ElfType.OTHER))
    try:
        return _read(image, basics)
    except (struct.error, ValueError, LookupError) as error:
        return Elf(*basics, fault=f"unreadable tables: {error}")


def _read(image: Image, basics: tuple[int, bool, int, ElfType]) -> Elf:
    tags = image.dynamic_tags()
    interpreter = image.first(SegmentType.INTERP)
    flags, flags_1 = tags.get(DynamicTag.FLAGS, [0])[0], tags.get(DynamicTag.FLAGS_1, [0])[0]
    linked = basics[3] in {ElfType.EXECUTABLE, ElfType.SHARED}
    return Elf(
        *basics,
        dynamic=bool(tags),
        interpreter=image.text(interpreter.offset) if interpreter else None,
        soname=_first(image, tags, DynamicTag.SONAME),
        needed=tuple(image.string(offset) for offset in tags.get(DynamicTag.NEEDED, ())),
        rpath=_search_list(image, tags, DynamicTag.RPATH),
        runpath=_search_list(image, tags, DynamicTag.RUNPATH),
        version_needs=_version_needs(image, tags),
        version_definitions=_version_definitions(image, tags),
        package_note=_package_note(image),
        executable_stack=linked and _executable_stack(image.first(SegmentType.GNU_STACK)),
        relro=image.first(SegmentType.GNU_RELRO) is not None,
        bind_now=DynamicTag.BIND_NOW in tags or bool(flags & _FLAG_NOW) or bool(flags_1 & _FLAG_1_NOW),
        position_independent=basics[3] is ElfType.SHARED and (interpreter is not None or bool(flags_1 & _FLAG_1_PIE)),
        no_default_libraries=bool(flags_1 & _FLAG_1_NODEFLIB),
    )


def _first(image: Image, tags: dict[int, list[int]], tag: DynamicTag) -> str | None:
    return image.string(tags[tag][0]) if tag in tags else None


def _search_list(image: Image, tags: dict[int, list[int]], tag: DynamicTag) -> tuple[str, ...] | None:
    text = _first(image, tags, tag)
    return None if text is None else tuple(text.split(":"))


def _executable_stack(stack: Segment | None) -> bool:
    # Without the header the loader assumes that the file was made before it existed.
    return stack is None or bool(stack.flags & _EXECUTABLE)


def _version_needs(image: Image, tags: dict[int, list[int]]) -> tuple[VersionNeed, ...]:
    """Follow the Verneed chain: a record a library, under it a record a version."""
    if DynamicTag.VERNEED not in tags:
        return ()
    found: list[VersionNeed] = []
    record = image.offset_of(tags[DynamicTag.VERNEED][0])
    for _ in range(tags[DynamicTag.VERNEEDNUM][0]):
        _, count, file, aux, following = image.unpack("HHIII", record)
        library, entry = image.string(file), record + aux
        for _ in range(count):
            _, flags, index, name, step = image.unpack("IHHII", entry)
            found.append(VersionNeed(library, image.string(name), bool(flags & _WEAK), index))
            entry += step
        record += following
    return tuple(found)


def _version_definitions(image: Image, tags: dict[int, list[int]]) -> frozenset[str]:
    """Follow the Verdef chain; the base record only repeats the file's own name."""
    if DynamicTag.VERDEF not in tags:
        return frozenset()
    found: set[str] = set()
    record = image.offset_of(tags[DynamicTag.VERDEF][0])
    for _ in range(tags[DynamicTag.VERDEFNUM][0]):
        _, flags, _, _, _, aux, following = image.unpack("HHHHIII", record)
        if not flags & _BASE:
            found.add(image.string(image.unpack("II", record + aux)[0]))
        record += following
    return frozenset(found)


def _package_note(image: Image) -> str | None:
    for segment in image.all(SegmentType.NOTE):
        for owner, kind, content in image.notes(segment):
            if owner == _PACKAGE_NOTE_OWNER and kind == _PACKAGE_NOTE_TYPE:
                return content.rstrip(b"\0").decode("utf-8", "replace")
    return None
