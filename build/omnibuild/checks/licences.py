"""Licences: stated validly, allowed, and shipped with the package."""

from __future__ import annotations

from collections.abc import Iterator

from omnibuild.checks.base import Built, Problem, Severity, Subject
from omnibuild.checks.spdx import forbidden_ids, spdx_faults

NAME = "licences"
SEVERITY = Severity.ERROR
HINT = "correct license and license_files in the recipe, or have the licence approved and add it to policy.licenses"
EXPLAIN = (
    "Each component states its licence as an SPDX expression, every licence that applies is on "
    "policy.licenses (of an OR, one side is enough; an exception after WITH needs no approval of its own), "
    "and each of its licence files lies in the package as LICENSES/<component>-<file>. Most licences "
    "demand just that of whoever passes the software on."
)


def find(subject: Subject) -> Iterator[Problem]:
    """Yield each component's licence problems."""
    allowed = frozenset(subject.policy.licenses)
    for name, built in subject.components.items():
        expression = built.recipe.license
        faults = spdx_faults(expression)
        for fault in faults:
            yield Problem(NAME, name, "", f"license {expression!r}: {fault}")
        for licence in () if faults else forbidden_ids(expression, allowed):
            yield Problem(NAME, name, "", f"license {expression!r}: {licence} is not in policy.licenses", licence)
        yield from _files(name, built)


def _files(name: str, built: Built) -> Iterator[Problem]:
    shipped = {entry.path: entry for entry in built.entries}
    for file in built.recipe.license_files:
        path = f"LICENSES/{name}-{file.rpartition('/')[2]}"
        if path not in shipped:
            yield Problem(NAME, name, path, f"the licence file {file} was not shipped")
        elif not shipped[path].size and not shipped[path].target:
            yield Problem(NAME, name, path, "the licence file is empty")
