"""ELF files for another machine than the package's."""

from __future__ import annotations

from collections.abc import Iterator

from omnibuild.checks.architectures import ARCHITECTURES, MACHINES
from omnibuild.checks.base import Problem, Severity, Subject

NAME = "architecture"
SEVERITY = Severity.ERROR
HINT = "remove the file with payload.remove, or build it for this architecture"
EXPLAIN = (
    "Every ELF file must have the class, byte order and machine of the line-up's architecture. "
    "Published archives often carry libraries for several machines, which only take up room and "
    "make dpkg-shlibdeps, lintian and scanners stumble; a cross-compiled file does not start at all. "
    "A damaged ELF file is reported here too."
)


def find(subject: Subject) -> Iterator[Problem]:
    """Yield each ELF file that does not fit, or cannot be read."""
    wanted = ARCHITECTURES[subject.architecture]
    for file in subject.elves:
        elf = file.elf
        if elf.fault:
            yield file.problem(NAME, f"damaged ELF file: {elf.fault}")
        elif (elf.bits, elf.big_endian, elf.machine) != (wanted.bits, wanted.big_endian, wanted.machine):
            found = _describe(elf.bits, elf.machine, big_endian=elf.big_endian)
            expected = _describe(wanted.bits, wanted.machine, big_endian=wanted.big_endian)
            yield file.problem(NAME, f"built for {found}, the package is for {expected} ({subject.architecture})")


def _describe(bits: int, machine: int, *, big_endian: bool) -> str:
    return f"{MACHINES.get(machine, f'machine {machine}')} {bits}-bit {'big' if big_endian else 'little'}-endian"
