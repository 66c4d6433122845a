"""Components that are used without being declared."""

from __future__ import annotations

from collections.abc import Iterator

from omnibuild.checks.base import Problem, Severity, Subject
from omnibuild.checks.dependency_use import uses
from omnibuild.recipe.model import Depends

NAME = "undeclared_dependencies"
SEVERITY = Severity.ERROR
HINT = "add the component to depends.link (needed to build) or depends.runtime (needed only to run)"
EXPLAIN = (
    "When a file of one component needs a library, an interpreter or the target of a link that another "
    "component ships, the recipe must declare that component in depends.link or depends.runtime. Otherwise "
    "the build order and the cache key do not know of it: a change there would not rebuild this component, "
    "and it would be missing where only this one is asked for. depends.build does not count, since build "
    "dependencies are not shipped."
)


def find(subject: Subject) -> Iterator[Problem]:
    """Yield each use of a component that the recipe does not declare."""
    for use in dict.fromkeys(uses(subject)):
        depends = subject.components[use.component].recipe.depends
        if not set(use.providers) & {*depends.link, *depends.runtime}:
            provider = use.providers[0]
            message = f"{use.how} {use.target} of {provider}, {_state(depends, provider)}"
            yield Problem(NAME, use.component, use.path, message, provider)


def _state(depends: Depends, provider: str) -> str:
    return "declared for building only" if provider in depends.build else "which the recipe does not declare"
