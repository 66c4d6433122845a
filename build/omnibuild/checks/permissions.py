"""Modes that let others change the product, become someone else, or keep services out."""

from __future__ import annotations

from collections.abc import Iterator

from omnibuild.checks.base import Problem, Severity, Subject
from omnibuild.store.tree import Entry, EntryKind

NAME = "permissions"
SEVERITY = Severity.ERROR
HINT = "correct the mode with chmod in build.after"
EXPLAIN = (
    "Files and folders of a package belong to root. Whoever may write to one can change what root runs, "
    "so none is writable by its group or by everybody; a setuid or setgid file needs to be intended, and is "
    "opted out of with the reason. As services run as users of their own, every file must be readable, and "
    "every folder and program usable, by everybody: what is secret does not belong into a package."
)

_SETUID, _SETGID = 0o4000, 0o2000
_GROUP_WRITABLE, _WORLD_WRITABLE = 0o020, 0o002
_OWNER_EXECUTES, _ALL_READ, _ALL_EXECUTE = 0o100, 0o444, 0o111


def find(subject: Subject) -> Iterator[Problem]:
    """Yield each bad mode with all that is wrong with it."""
    for component, built in subject.components.items():
        for entry in built.entries:
            faults = list(_faults(entry)) if entry.kind is not EntryKind.SYMLINK else []
            if faults:
                yield Problem(NAME, component, entry.path, f"mode {entry.mode:04o}: {', '.join(faults)}")


def _faults(entry: Entry) -> Iterator[str]:
    mode = entry.mode
    if mode & _SETUID:
        yield "setuid"
    if mode & _SETGID:
        yield "setgid"
    if mode & _WORLD_WRITABLE:
        yield "writable by everybody"
    elif mode & _GROUP_WRITABLE:
        yield "writable by its group"
    if mode & _ALL_READ != _ALL_READ:
        yield "not readable by everybody"
    usable = entry.kind is EntryKind.DIRECTORY or mode & _OWNER_EXECUTES
    if usable and mode & _ALL_EXECUTE != _ALL_EXECUTE:
        yield "not executable by everybody" if entry.kind is EntryKind.FILE else "not searchable by everybody"
