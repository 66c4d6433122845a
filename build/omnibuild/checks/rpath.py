"""Library search paths that leave the root or that others could write to."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from omnibuild.checks.base import ElfFile, Problem, Severity, Subject
from omnibuild.checks.filetree import Where
from omnibuild.checks.linking import expand_origin

NAME = "rpath"
SEVERITY = Severity.ERROR
HINT = "set it with -Wl,-rpath,<prefix>/lib (or $ORIGIN/../lib), or correct the file with patchelf in build.after"
EXPLAIN = (
    "Each element of an RPATH or RUNPATH must be a folder inside the root, absolute or by $ORIGIN. "
    "An empty or relative element means the current directory, and a folder outside the root, or one that "
    "everybody may write to, lets somebody else's library be loaded instead of ours (CWE-426). "
    "$LIB and $PLATFORM mean different folders on different distributions."
)

_WORLD_WRITABLE = 0o002


def find(subject: Subject) -> Iterator[Problem]:
    """Yield each bad element of each search path."""
    for file in subject.elves:
        for tag, elements in (("RPATH", file.elf.rpath), ("RUNPATH", file.elf.runpath)):
            for element in elements or ():
                fault = _fault(subject, file, element)
                if fault:
                    yield file.problem(NAME, f"{tag} element {element!r} {fault}")


def _fault(subject: Subject, file: ElfFile, element: str) -> str:
    tree = subject.tree
    if not element:
        return "is empty, which means the current directory"
    directory = expand_origin(element, posixpath.dirname(tree.installed(file.path)))
    if "$" in directory:
        return "uses a token whose meaning depends on the distribution"
    if not directory.startswith("/"):
        return "is relative to the current directory"
    if tree.relative(directory) is None or tree.follow(directory).where is Where.OUTSIDE:
        return f"is outside {subject.root}"
    entry = tree.entries.get(tree.follow(directory).path)
    return "is writable by everybody" if entry is not None and entry.mode & _WORLD_WRITABLE else ""
