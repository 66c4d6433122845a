"""Findings on the screen, and the exit codes that follow from them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import Final

import click

from chef_backend.base.errors import Unhealthy
from chef_backend.ctl.session import Session
from chef_backend.health.finding import Finding, Severity, worst
from chef_backend.health.report import Paint, counts, document, plain, table

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
        print_document(findings)
    else:
        shown = [each for each in findings if not (session.quiet and each.severity is Severity.OK)]
        click.echo(table(shown, paint()), nl=False)
        click.echo(f"\n{counts(findings)}")
    if worst(findings) is Severity.CRITICAL:
        raise click.exceptions.Exit(Unhealthy.exit_code)


def print_document(findings: Sequence[Finding]) -> None:
    """Print findings as JSON."""
    click.echo(json.dumps(document(findings), indent=2, ensure_ascii=False))


def paint() -> Paint:
    """Return what colours a word by its severity: on a terminal, unless NO_COLOR is set (https://no-color.org)."""
    if os.environ.get("NO_COLOR") or not sys.stdout.isatty():
        return plain
    return lambda severity, text: click.style(text, fg=_COLOURS[severity])
