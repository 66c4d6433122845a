"""Findings on the screen, and the exit codes that follow from them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Collection, Sequence
from typing import Any, Final

import click

from chef_backend.base.errors import Unhealthy
from chef_backend.ctl.session import Session
from chef_backend.health.examine import Examined
from chef_backend.health.finding import Finding, Severity, verdict, worst
from chef_backend.health.nagios import line, summary
from chef_backend.health.report import Paint, counts, document, plain, table, verdict_document

_COLOURS: Final = {
    Severity.OK: "green",
    Severity.NOTE: "cyan",
    Severity.UNKNOWN: "magenta",
    Severity.WARNING: "yellow",
    Severity.CRITICAL: "red",
}


def show_preflight(session: Session, findings: Sequence[Finding], *, as_document: bool) -> None:
    """Print the findings, and end with Unhealthy's exit code when one is critical."""
    if as_document:
        _print(document(findings))
    else:
        shown = [each for each in findings if not (session.quiet and each.severity is Severity.OK)]
        click.echo(table(shown, paint()), nl=False)
        click.echo(f"\n{counts(findings)}")
    _end(findings)


def show_doctor(session: Session, findings: Sequence[Finding], *, as_document: bool) -> None:
    """Print what is wrong, the worst first, and end with Unhealthy's exit code when something is critical."""
    if as_document:
        _print(document(findings))
    else:
        wrong = [each for each in findings if session.verbose or each.severity is not Severity.OK]
        if wrong:
            click.echo(table(sorted(wrong, key=lambda each: -each.severity.weight), paint()))
        click.echo(counts(findings))
    _end(findings)


def show_health(examined: Examined, *, ignored: Collection[str], as_document: bool) -> None:
    """Print the verdict, and end with Nagios' exit code for it."""
    findings = [each for each in examined.findings if each.code not in ignored]
    code = verdict(findings).nagios
    if as_document:
        _print(verdict_document(findings, summary(findings, examined.seen)))
    else:
        click.echo(line(findings, examined.seen))
    raise click.exceptions.Exit(code)


def paint() -> Paint:
    """Return what colours a word by its severity: on a terminal, unless NO_COLOR is set (https://no-color.org)."""
    if os.environ.get("NO_COLOR") or not sys.stdout.isatty():
        return plain
    return lambda severity, text: click.style(text, fg=_COLOURS[severity])


def _end(findings: Sequence[Finding]) -> None:
    if worst(findings) is Severity.CRITICAL:
        raise click.exceptions.Exit(Unhealthy.exit_code)


def _print(found: dict[str, Any]) -> None:
    click.echo(json.dumps(found, indent=2, ensure_ascii=False))
