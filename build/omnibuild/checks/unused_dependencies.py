"""Components that are declared without being used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from omnibuild.checks.base import Problem, Severity, Subject
from omnibuild.checks.dependency_use import uses

NAME = "unused_dependencies"
SEVERITY = Severity.WARNING
HINT = "remove it from depends; if it is only needed to run, move it to depends.runtime"
EXPLAIN = (
    "A component in depends.link or depends.build that the build never opened a file of, and that no "
    "shipped file of this component needs, costs time for nothing: every change of it rebuilds this "
    "component, and it is built first. Often it shows a ./configure that did not find what it was given. "
    "Where the build's file accesses could not be observed, nothing is reported."
)


def find(subject: Subject) -> Iterator[Problem]:
    """Yield each declared dependency that nothing used."""
    needed: dict[str, set[str]] = defaultdict(set)
    for use in uses(subject):
        needed[use.component].update(use.providers)
    for name, built in subject.components.items():
        if built.opened is None:
            continue
        depends = built.recipe.depends
        for kind, declared in (("link", depends.link), ("build", depends.build)):
            for dependency in declared:
                if dependency not in built.opened and dependency not in needed[name]:
                    message = f"depends.{kind} names {dependency}, but nothing of it was opened or is needed"
                    yield Problem(NAME, name, "", message, dependency)
