"""The reader of ELF files, compared with pyelftools on whatever this host has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from elftools.elf.dynamic import DynamicSection, DynamicSegment
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerDefSection, GNUVerNeedSection
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibuild.checks.elf import ElfType, read_elf
from omnibuild.checks.elf_symbols import symbol_needing

_SAMPLE = 60
_FOLDERS = ("/usr/bin", "/usr/lib/x86_64-linux-gnu", "/usr/sbin")


def _system_files() -> list[Path]:
    files = [path for folder in _FOLDERS for path in sorted(Path(folder).iterdir()) if path.is_file()]
    elves = [path for path in files[:: max(1, len(files) // (4 * _SAMPLE))] if path.open("rb").read(4) == b"\x7fELF"]
    return elves[:_SAMPLE]


def _reference(path: Path) -> dict[str, object]:
    with path.open("rb") as stream:
        file = ELFFile(stream)
        tags: dict[str, list[str]] = {}
        dynamic = next((s for s in file.iter_segments() if isinstance(s, DynamicSegment)), None)
        section = next((s for s in file.iter_sections() if isinstance(s, DynamicSection)), None)
        for tag in (section or dynamic).iter_tags() if dynamic else ():
            for key in ("needed", "soname", "rpath", "runpath"):
                if hasattr(tag, key):
                    tags.setdefault(key, []).append(getattr(tag, key))
        needs, definitions = set(), set()
        for part in file.iter_sections():
            if isinstance(part, GNUVerNeedSection):
                needs |= {(need.name, aux.name) for need, auxes in part.iter_versions() for aux in auxes}
            if isinstance(part, GNUVerDefSection):
                definitions |= {next(auxes).name for head, auxes in part.iter_versions() if not head["vd_flags"] & 1}
        return {
            "machine": file["e_machine"],
            "bits": file.elfclass,
            "needed": tags.get("needed", []),
            "soname": tags.get("soname", [None])[0],
            "rpath": tags.get("rpath", [None])[0],
            "runpath": tags.get("runpath", [None])[0],
            "needs": needs,
            "definitions": definitions,
        }


@pytest.mark.parametrize("path", _system_files(), ids=str)
def test_system_files_read_as_pyelftools_reads_them(path: Path) -> None:
    """Every field that checks rely on equals pyelftools'."""
    elf = read_elf(path.read_bytes())
    expected = _reference(path)
    assert elf is not None
    assert not elf.fault
    assert expected["machine"] == "EM_X86_64"
    assert (elf.machine, elf.bits) == (62, expected["bits"])
    assert list(elf.needed) == expected["needed"]
    assert elf.soname == expected["soname"]
    assert (":".join(elf.rpath) if elf.rpath else None) == expected["rpath"]
    assert (":".join(elf.runpath) if elf.runpath else None) == expected["runpath"]
    assert {(need.library, need.version) for need in elf.version_needs} == expected["needs"]
    assert elf.version_definitions == expected["definitions"]


def test_protections_are_seen(compiled: Callable[..., Path]) -> None:
    """Position independence, RELRO, immediate binding and the stack are read as they were linked."""
    hard = read_elf(compiled("int main(void){return 0;}", "-pie", "-fPIE", "-Wl,-z,relro,-z,now").read_bytes())
    soft = read_elf(compiled("int main(void){return 0;}", "-no-pie", "-Wl,-z,norelro,-z,execstack").read_bytes())
    assert hard
    assert soft
    assert (hard.position_independent, hard.relro, hard.bind_now, hard.executable_stack) == (True, True, True, False)
    assert (soft.position_independent, soft.relro, soft.bind_now, soft.executable_stack) == (False, False, False, True)
    assert (hard.type, soft.type) == (ElfType.SHARED, ElfType.EXECUTABLE)


def test_a_static_program_and_an_object_have_no_dynamic_facts(compiled: Callable[..., Path]) -> None:
    """Neither needs a library, and an object file is not taken for a linked one."""
    static = read_elf(compiled("int main(void){return 0;}", "-static").read_bytes())
    compiled_object = read_elf(compiled("int x;", "-c", name="x.o").read_bytes())
    assert static
    assert compiled_object
    assert (static.dynamic, static.needed, static.is_linked) == (False, (), True)
    assert (compiled_object.type, compiled_object.is_linked) == (ElfType.OBJECT, False)


def test_the_symbol_behind_a_version_is_found(compiled: Callable[..., Path]) -> None:
    """A program that calls puts needs GLIBC_2.2.5 or later for it, and the symbol is named."""
    data = compiled('#include <stdio.h>\nint main(void){puts("x");return 0;}', "-fno-builtin").read_bytes()
    elf = read_elf(data)
    assert elf
    symbols = {symbol_needing(data, need.index) for need in elf.version_needs if need.library == "libc.so.6"}
    assert symbols & {"puts", "__libc_start_main"}


def test_other_bytes_are_no_elf_file() -> None:
    """Text, and an empty file, are None rather than damaged."""
    assert read_elf(b"") is None
    assert read_elf(b"#!/bin/sh\n") is None


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damage_never_raises(program: Path, data: st.DataObject) -> None:
    """Whatever bytes change or are cut off, reading ends with facts or a fault."""
    content = bytearray(program.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(4, 1500))] = data.draw(st.integers(0, 255))
    size = data.draw(st.one_of(st.just(len(content)), st.integers(4, len(content))))
    elf = read_elf(bytes(content[:size]))
    assert elf is not None
    symbol_needing(bytes(content[:size]), 2)
