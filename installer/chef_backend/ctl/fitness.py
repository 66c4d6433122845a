"""The gate before a host becomes a node: what is critical ends the command, a warning is shown, one is asked about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

import click

from chef_backend.base.errors import Unhealthy
from chef_backend.ctl.prompts import Person, require_proceed
from chef_backend.ctl.session import Session
from chef_backend.health.codes import NTP
from chef_backend.health.finding import Finding, Severity
from chef_backend.health.report import details

_SHOWN: Final = frozenset({Severity.WARNING, Severity.UNKNOWN})
_INDENT: Final = 2


def require_fit(
    session: Session, findings: Sequence[Finding], person: Person, *, ignored: Collection[str], yes: bool
) -> None:
    """Return when nothing critical was found but what is `ignored`, and who calls goes on without a time service.

    Raises Unhealthy with all that is critical, and Declined.
    """
    critical = [finding for finding in findings if finding.severity is Severity.CRITICAL]
    if against := [finding for finding in critical if finding.code not in ignored]:
        raise _unhealthy(against)
    without_clock = [finding for finding in findings if finding.code == NTP.code and finding.severity in _SHOWN]
    shown = [finding for finding in findings if finding.severity in _SHOWN and finding not in without_clock]
    if not session.quiet:
        _list([*critical, *shown, *(without_clock if yes else ())])
    for finding in without_clock:
        require_proceed(person, _ntp_warning(finding), yes=yes)


def _list(findings: Sequence[Finding]) -> None:
    for finding in findings:
        click.echo(f"warning: {finding.headline} (expected: {finding.limit})", err=True)
    if findings:
        click.echo("hint: chef-backend-ctl preflight says more, and what to do", err=True)


def _unhealthy(against: Sequence[Finding]) -> Unhealthy:
    lines = ["this host is not fit for a node; nothing was changed"]
    for finding in against:
        lines += [finding.headline, *details(finding, _INDENT)]
    options = " ".join(f"--ignore {code}" for code in _codes(against))
    return Unhealthy(
        "\n".join(lines), hint=f"mend that and run the command again, or, knowing what it means, add {options}"
    )


def _codes(findings: Iterable[Finding]) -> list[str]:
    return sorted({finding.code for finding in findings})


def _ntp_warning(finding: Finding) -> str:
    lines = [f"{finding.code}: The NTP daemon is not running on this system.", NTP.meaning, *details(finding, _INDENT)]
    return "\n".join(lines)
