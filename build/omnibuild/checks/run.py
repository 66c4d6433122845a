"""Run the checks on one subject and gather all they say."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from omnibuild.checks import opt_outs
from omnibuild.checks.base import Finding, Problem, Severity, Subject
from omnibuild.checks.opt_outs import Skipped
from omnibuild.checks.registry import CHECKS, RULES, require_known, severity_of
from omnibuild.plural import counted

FORMAT = 1
_SCAN = "(reading files)"


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What the checks found, errors first, then by check, component and path.

    ``timings`` are seconds by check; reading the files is shared by all and listed apart.
    """

    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    timings: Mapping[str, float]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that stop the package."""
        return tuple(item for item in self.findings if item.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that are only reported."""
        return tuple(item for item in self.findings if item.severity is Severity.WARNING)

    @property
    def summary(self) -> str:
        """How many of each there are, in words."""
        errors, warnings = counted(len(self.errors), "error"), counted(len(self.warnings), "warning")
        return f"{errors}, {warnings}, {len(self.skipped)} opted out"

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain data; a finding carries its rule's hint."""
        return {
            "format": FORMAT,
            "counts": {
                "errors": len(self.errors),
                "warnings": len(self.warnings),
                "skipped": len(self.skipped),
            },
            "findings": [
                {**asdict(item.problem), "severity": item.severity.value, "hint": RULES[item.problem.check].HINT}
                for item in self.findings
            ],
            "skipped": [{**asdict(item.problem), "reason": item.reason} for item in self.skipped],
            "timings_s": {name: round(seconds, 4) for name, seconds in self.timings.items()},
        }


def run_checks(subject: Subject, *, only: Collection[str] | None = None) -> CheckReport:
    """Run every check that the line-up did not turn off (or just ``only``); none stops another.

    Raises InvalidInput for a name in ``only`` that is no check's.
    """
    require_known(only or (), CHECKS)
    chosen = [check for check in CHECKS.values() if only is None or check.NAME in only]
    ran = [check for check in chosen if severity_of(check, subject.policy) is not Severity.OFF]
    timings: dict[str, float] = {}
    started = time.perf_counter()
    subject.contents  # noqa: B018 - reads the files now, so that no single check is charged for it
    timings[_SCAN] = time.perf_counter() - started
    problems: list[Problem] = []
    for check in ran:
        started = time.perf_counter()
        problems += check.find(subject)
        timings[check.NAME] = time.perf_counter() - started
    applied = opt_outs.apply(subject, problems, ran={check.NAME for check in ran})
    severities = {name: severity_of(rule, subject.policy) for name, rule in RULES.items()}
    findings = [Finding(problem, severities[problem.check]) for problem in (*applied.kept, *applied.faults)]
    counted = [item for item in findings if item.severity is not Severity.OFF]
    return CheckReport(tuple(sorted(counted, key=_order)), applied.skipped, timings)


def _order(finding: Finding) -> tuple[bool, str, str, str, str]:
    problem = finding.problem
    late = finding.severity is not Severity.ERROR
    return (late, problem.check, problem.component, problem.path, problem.message)
