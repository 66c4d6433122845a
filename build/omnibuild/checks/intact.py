"""Files that are not there as recorded."""

from __future__ import annotations

from collections.abc import Iterator

from omnibuild.checks.base import Problem, Severity, Subject

NAME = "intact"
SEVERITY = Severity.ERROR
HINT = "run `omnibuild cache verify`, then build again"
EXPLAIN = (
    "Every file that a component's tree lists must be readable in the assembled prefix and have the "
    "recorded size. If it is not, the other checks could not look at it either, and the store or the "
    "disk is damaged."
)


def find(subject: Subject) -> Iterator[Problem]:
    """Yield each file that could not be examined."""
    for component, entry in subject.files():
        fault = subject.content(entry).fault
        if fault:
            yield Problem(NAME, component, entry.path, fault)
