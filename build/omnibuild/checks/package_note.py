"""ELF files that do not name their component."""

from __future__ import annotations

import json
from collections.abc import Iterator

from omnibuild.checks.base import Built, Problem, Severity, Subject
from omnibuild.checks.elf import Elf

NAME = "package_note"
SEVERITY = Severity.ERROR
HINT = "let the build call the sandbox's ld (COMPILER_PATH), or opt out for files that were published linked"
EXPLAIN = (
    "Every ELF file that this build linked carries a .note.package note with its component's name and "
    "version as JSON (https://systemd.io/ELF_PACKAGE_METADATA/). A core dump or a vulnerability scanner can "
    "then name the component of any file, even one that was copied elsewhere. Components of kind prebuilt "
    "are exempt; for wheels that were published with libraries in them, opt out in the recipe."
)

_PUBLISHED = "prebuilt"


def find(subject: Subject) -> Iterator[Problem]:
    """Yield each linked file without a note, or with another component's."""
    for file in subject.elves:
        built = subject.components[file.component]
        if built.recipe.build["kind"] != _PUBLISHED and file.elf.is_linked and not file.elf.fault:
            fault = _fault(file.elf, built)
            if fault:
                yield file.problem(NAME, fault)


def _fault(elf: Elf, built: Built) -> str:
    if elf.package_note is None:
        return "no .note.package note"
    try:
        note = json.loads(elf.package_note)
    except ValueError:
        return f"its .note.package note is not JSON: {elf.package_note[:80]!r}"
    wanted = {"name": built.recipe.name, "version": built.recipe.version}
    found = {key: note.get(key) for key in wanted} if isinstance(note, dict) else note
    return "" if found == wanted else f"its .note.package note names {found}, expected {wanted}"
