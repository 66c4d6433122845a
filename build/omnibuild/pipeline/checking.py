"""The prefix as the packages will have it: assembled from the store, and judged by every check."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from omnibuild import events
from omnibuild.checks.base import Finding, Problem, Severity, Subject
from omnibuild.checks.registry import RULES
from omnibuild.checks.run import CheckReport, run_checks
from omnibuild.errors import CheckFailed
from omnibuild.files import write_atomic
from omnibuild.lineup.load import Project
from omnibuild.pipeline.assemble import Assembly, assemble, subject
from omnibuild.plural import counted
from omnibuild.store.local import LocalStore
from omnibuild.store.result import BuildResult

_TOLD = 8


@dataclass(frozen=True, slots=True)
class Checked:
    """An assembled prefix and what the checks said about it."""

    assembly: Assembly
    subject: Subject
    report: CheckReport


def check_prefix(
    project: Project,
    store: LocalStore,
    results: Mapping[str, BuildResult],
    directory: Path,
    *,
    only: Collection[str] | None = None,
) -> Checked:
    """Assemble the shipped components in ``directory`` and run the checks (or just ``only``)."""
    assembly = assemble(project, store, results, directory)
    seen = subject(project, assembly, results)
    return Checked(assembly, seen, run_checks(seen, only=only))


def require_passed(report: CheckReport, document: Path, tell: events.Listener) -> None:
    """Write the report and tell its warnings; CheckFailed when an error remains."""
    write_atomic(document, (json.dumps(report.to_json(), indent=1, sort_keys=True) + "\n").encode())
    errors = tell_warnings(report.findings, tell)
    if errors:
        raise CheckFailed(
            "\n".join(errors) + f"\n{counted(len(errors), 'error')}; all in {document}",
            hint=f"omnibuild check --explain {report.errors[0].problem.check}",
        )
    tell(events.Phase("checked", report.summary))


def tell_warnings(findings: Iterable[Finding], tell: events.Listener) -> list[str]:
    """Tell the warnings, a few of each check; return the errors, a line each: check, component, path, message, hint."""
    errors: list[str] = []
    warnings: defaultdict[str, list[str]] = defaultdict(list)
    for finding in findings:
        lines = warnings[finding.problem.check] if finding.severity is Severity.WARNING else errors
        lines.append(_line(finding.problem))
    for check, lines in warnings.items():
        for line in lines[:_TOLD]:
            tell(events.Warned(line))
        if len(lines) > _TOLD:
            tell(events.Warned(f"{check}: {len(lines) - _TOLD} more, see the report"))
    return errors


def _line(problem: Problem) -> str:
    parts = (problem.check, problem.component, problem.path, problem.message)
    return f"{': '.join(filter(None, parts))} ({RULES[problem.check].HINT})"
