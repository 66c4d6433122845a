"""The prefix as the packages will have it: assembled from the store, and judged by every check."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from omnibuild import events
from omnibuild.checks.base import Finding, Subject
from omnibuild.checks.registry import RULES
from omnibuild.checks.run import CheckReport, run_checks
from omnibuild.errors import CheckFailed
from omnibuild.files import write_atomic
from omnibuild.lineup.load import Project
from omnibuild.pipeline.assemble import Assembly, assemble, subject
from omnibuild.store.local import LocalStore
from omnibuild.store.result import BuildResult


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
    for finding in report.warnings:
        tell(events.Warned(finding_line(finding)))
    if report.errors:
        lines = [finding_line(finding) for finding in report.errors]
        raise CheckFailed(
            "\n".join(lines) + f"\n{len(lines)} error(s); all in {document}",
            hint=f"omnibuild check --explain {report.errors[0].problem.check}",
        )
    tell(events.Phase("checked", f"no error, {len(report.warnings)} warning(s), {len(report.skipped)} opted out"))


def finding_line(finding: Finding) -> str:
    """Return a finding as one line: tier, check, component, path, message, hint."""
    problem = finding.problem
    place = ": ".join(filter(None, (problem.component, problem.path)))
    return f"{finding.severity}: {problem.check}: {place}: {problem.message} ({RULES[problem.check].HINT})"
