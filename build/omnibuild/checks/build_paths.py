"""Paths of the build sandbox inside shipped files."""

from __future__ import annotations

from collections.abc import Iterator

from omnibuild.checks.base import Problem, Severity, Subject

NAME = "build_paths"
SEVERITY = Severity.ERROR
HINT = "map the path away (-ffile-prefix-map, -trimpath), correct it in build.after, or remove the file"
EXPLAIN = (
    "No shipped file may mention a folder of the build sandbox (/build/src and its neighbours). "
    "Such a path means nothing on a node: at best it is noise in an error message, at worst a program "
    "looks for its data, a compiler or a library there, and whoever may create that folder decides "
    "what it finds. It also shows that the output depends on where it was built. Compressed files "
    "are not looked into."
)


def find(subject: Subject) -> Iterator[Problem]:
    """Yield each file with a leaked path, showing the first one in its surroundings."""
    for component, entry in subject.files():
        leak = subject.content(entry).leak
        if leak:
            more = f" (and {leak.count - 1} more)" if leak.count > 1 else ""
            message = f"build path at offset {leak.offset}: …{leak.context}…{more}"
            yield Problem(NAME, component, entry.path, message)
