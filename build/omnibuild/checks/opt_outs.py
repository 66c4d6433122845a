"""A recipe's opt-outs from checks: applied, and checked themselves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from omnibuild.checks.base import Problem, Severity, Subject
from omnibuild.checks.globs import matches

NAME = "opt_outs"
SEVERITY = Severity.ERROR
HINT = "correct or remove the entry in the recipe's checks.skip (globs are relative to the prefix)"
EXPLAIN = (
    "checks.skip in a recipe maps a check to path globs, each with the reason why it is acceptable. "
    "`check:name` limits it to problems about that name, such as `linkage:libjvm.so`. "
    "An opt-out that no longer matches any problem is an error: it would hide the next real one. Globs are "
    "relative to the prefix, like those of payload.remove (relative to the root for files outside the prefix); "
    "`**` alone also matches problems that concern no file."
)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A problem that a recipe opted out of, and why."""

    problem: Problem
    reason: str


@dataclass(frozen=True, slots=True)
class _OptOut:
    component: str
    key: str
    glob: str
    reason: str

    @property
    def check(self) -> str:
        return self.key.partition(":")[0]

    def covers(self, problem: Problem, path: str) -> bool:
        about = {problem.check, f"{problem.check}:{problem.detail}"}
        return self.key in about and self.component == problem.component and matches(self.glob, path)


@dataclass(frozen=True, slots=True)
class Applied:
    """The problems that stay, those opted out of, and what is wrong with the opt-outs."""

    kept: tuple[Problem, ...]
    skipped: tuple[Skipped, ...]
    faults: tuple[Problem, ...]


def apply(subject: Subject, problems: Iterable[Problem], *, ran: Collection[str]) -> Applied:
    """Divide the problems by the recipes' opt-outs.

    Only opt-outs from checks that ``ran`` can be found unused. The first opt-out that covers a
    problem gives the reason.
    """
    opt_outs = list(_all(subject))
    used: set[_OptOut] = set()
    kept: list[Problem] = []
    skipped: list[Skipped] = []
    for problem in problems:
        path = _scoped(problem.path, subject)
        covering = [item for item in opt_outs if item.covers(problem, path)]
        used.update(covering)
        if covering:
            skipped.append(Skipped(problem, covering[0].reason))
        else:
            kept.append(problem)
    unused = [item for item in opt_outs if item.check in ran and item not in used]
    return Applied(tuple(kept), tuple(skipped), tuple(map(_unused, unused)))


def _all(subject: Subject) -> Iterator[_OptOut]:
    for name, built in subject.components.items():
        for key, globs in built.recipe.checks.skip.items():
            for glob, reason in globs.items():
                yield _OptOut(name, key, glob, reason)


def _scoped(path: str, subject: Subject) -> str:
    scope = subject.prefix.removeprefix(subject.root).strip("/")
    return path.removeprefix(f"{scope}/") if scope else path


def _unused(item: _OptOut) -> Problem:
    return Problem(NAME, item.component, "", f"checks.skip.{item.key}: {item.glob!r} matches no problem")
