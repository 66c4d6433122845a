"""One line that a plugin of Nagios ends with: the verdict, why, and figures for graphs. Pure.

https://nagios-plugins.org/doc/guidelines.html#PLUGOUTPUT and #AEN201
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from chef_backend.base.log import printable
from chef_backend.base.plural import counted
from chef_backend.health.checks.certificate import days_left
from chef_backend.health.checks.etcd import slow_ms
from chef_backend.health.finding import Finding, verdict
from chef_backend.health.report import NAME
from chef_backend.health.seen import OnDisk, Seen
from chef_backend.leader.model import Role
from chef_backend.status.answers import Answers
from chef_backend.status.model import Failure

_SHOWN: Final = 3
_LONGEST: Final = 400


def line(findings: Sequence[Finding], seen: Seen | None) -> str:
    """Return the whole line; `seen` is None where nothing could be looked at."""
    figures = " ".join(figures_of(seen)) if seen is not None else ""
    text = f"{NAME} {str(verdict(findings)).upper()} - {_plain(summary(findings, seen))}"
    return f"{text} | {figures}" if figures else text


def summary(findings: Sequence[Finding], seen: Seen | None) -> str:
    """Return the worst findings in words, or where all is well who leads."""
    bad = sorted(
        (each for each in findings if each.severity.nagios),
        key=lambda each: each.severity.weight,
        reverse=True,
    )
    if not bad:
        return f"{_leader(seen)}; {counted(len(findings), 'check')}"
    words = [each.headline for each in bad[:_SHOWN]]
    rest = [f"and {len(bad) - _SHOWN} more"] if len(bad) > _SHOWN else []
    return ", ".join([*words, *rest])


def figures_of(seen: Seen) -> Iterator[str]:
    """Yield the figures: label=value[unit];warning;critical;least;most."""
    if isinstance(seen.answers, Answers) and seen.answers.guids():
        yield from _of_answers(seen.answers)
    if isinstance(seen.on_disk, OnDisk) and seen.on_disk.certificate.facts.ends_at is not None:
        yield f"certificate_days={days_left(seen.on_disk.certificate.facts.ends_at, seen.at)};30:;0:"
    found_ms = slow_ms(seen.metrics)
    if found_ms is not None:
        yield f"etcd_fsync_p99={found_ms / 1000:.4f}s;0.01;;0"


def _of_answers(answers: Answers) -> Iterator[str]:
    reports = answers.fresh().values()
    total = len(answers.guids())
    yield f"nodes={len(reports)};{total}:;;0;{total}"
    yield f"leaders={sum(report.role == Role.LEADER for report in reports)};;1:1;0"
    standbys = [each for report in reports for each in report.standbys]
    yield f"copies={sum(each.state == 'streaming' for each in standbys)};;;0"
    lags = [each.lag_bytes for each in standbys if each.lag_bytes is not None]
    if lags:
        yield f"lag={max(lags)}B;;;0"
    if not isinstance(answers.disks, Failure):
        for disk in answers.disks:
            if disk.free_mb >= 0:
                yield f"'free {disk.path}'={disk.free_mb}MB;;{disk.least_mb}:;0"


def _leader(seen: Seen | None) -> str:
    answers = seen.answers if seen is not None else None
    reports = answers.fresh() if isinstance(answers, Answers) else {}
    leader = next((each for each in reports.values() if each.role == Role.LEADER), None)
    if leader is None:
        return "nothing to be said"
    return f"{leader.name} leads" if len(reports) == 1 else f"{leader.name} leads {len(reports)} nodes"


def _plain(text: str) -> str:
    """Return a text on one line, without what begins the figures."""
    return printable(text).replace("|", "/")[:_LONGEST]
