"""ELF files without the protections that every current compiler gives by default."""

from __future__ import annotations

from collections.abc import Iterator

from omnibuild.checks.base import Problem, Severity, Subject
from omnibuild.checks.elf import Elf

NAME = "hardening"
SEVERITY = Severity.WARNING
HINT = "build with -fPIE -pie -Wl,-z,relro,-z,noexecstack"
EXPLAIN = (
    "Programs should be position independent (so that addresses are random), have their relocations "
    "read-only after start (RELRO), and no executable stack. The first two make an exploit harder. "
    "An executable stack is refused outright by newer systems: glibc 2.41 no longer loads a library that "
    "asks for one while the program runs."
)


def find(subject: Subject) -> Iterator[Problem]:
    """Yield each file with all the protections it lacks."""
    for file in subject.elves:
        lacks = list(_lacks(file.elf)) if file.elf.is_linked and not file.elf.fault else []
        if lacks:
            yield file.problem(NAME, "; ".join(lacks))


def _lacks(elf: Elf) -> Iterator[str]:
    if elf.executable_stack:
        yield "its stack is executable"
    if elf.dynamic and not elf.relro:
        yield "its relocations stay writable (no RELRO)"
    if elf.type == "executable":
        yield "it is not position independent"
