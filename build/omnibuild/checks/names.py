"""File names that tools get wrong."""

from __future__ import annotations

from collections.abc import Iterator

from omnibuild.checks.base import Problem, Severity, Subject

NAME = "names"
SEVERITY = Severity.ERROR
HINT = "rename or remove the file in the recipe (payload.remove, build.after)"
EXPLAIN = (
    "A name may not hold control characters (a newline among them), bytes that are not UTF-8, a backslash, "
    "or a space at either end. dpkg's and rpm's file lists, checksum files and operators' scripts are made "
    "of lines and words: such a name is cut or read as another one, and the file is missed by verification "
    "and removal."
)


def find(subject: Subject) -> Iterator[Problem]:
    """Yield each odd path."""
    for component, built in subject.components.items():
        for entry in built.entries:
            if _is_odd(entry.path):
                yield Problem(NAME, component, entry.path, f"odd characters in the name {entry.path!a}")


def _is_odd(path: str) -> bool:
    # isprintable() is false for control characters, separators but the space, and bytes that are not UTF-8.
    return not path.isprintable() or "\\" in path or (" " in path and any(p != p.strip() for p in path.split("/")))
