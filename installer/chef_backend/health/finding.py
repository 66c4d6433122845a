"""One thing that was looked at: what was found, what should be, and the command that helps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Severity(StrEnum):
    """How much a finding matters."""

    OK = "ok"
    NOTE = "note"
    UNKNOWN = "unknown"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def weight(self) -> int:
        """More for what matters more."""
        return list(Severity).index(self)

    @property
    def nagios(self) -> int:
        """The exit code of a plugin: https://nagios-plugins.org/doc/guidelines.html#AEN78."""
        return _NAGIOS.get(self, 0)


_NAGIOS: Final = {Severity.WARNING: 1, Severity.CRITICAL: 2, Severity.UNKNOWN: 3}


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of finding: `limit` is what is expected, `meaning` why it matters, `remedy` what to do on any host."""

    code: str
    title: str
    limit: str
    meaning: str
    remedy: str

    def found(self, severity: Severity, value: str, *, limit: str = "", evidence: str = "", fix: str = "") -> Finding:
        """Return a finding of this kind; `fix` is the command for this very host."""
        return Finding(self.code, severity, self.title, value, limit or self.limit, evidence, fix or self.remedy)

    def critical(self, value: str, *, limit: str = "", evidence: str = "", fix: str = "") -> Finding:
        """Return what is to be mended before anything else."""
        return self.found(Severity.CRITICAL, value, limit=limit, evidence=evidence, fix=fix)

    def warning(self, value: str, *, limit: str = "", evidence: str = "", fix: str = "") -> Finding:
        """Return what is to be mended."""
        return self.found(Severity.WARNING, value, limit=limit, evidence=evidence, fix=fix)

    def note(self, value: str, *, limit: str = "", evidence: str = "", fix: str = "") -> Finding:
        """Return what is good to know."""
        return self.found(Severity.NOTE, value, limit=limit, evidence=evidence, fix=fix)

    def unknown(self, value: str, *, limit: str = "", evidence: str = "", fix: str = "") -> Finding:
        """Return that it could not be told."""
        return self.found(Severity.UNKNOWN, value, limit=limit, evidence=evidence, fix=fix)

    def fine(self, value: str, *, limit: str = "", evidence: str = "") -> Finding:
        """Return that all is as it should be."""
        return Finding(self.code, Severity.OK, self.title, value, limit or self.limit, evidence)


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found: `value` against `limit`, with `evidence` to believe it and `fix`, a command or what to do.

    `subject` is the service it is about, `because` names another finding that explains it: see
    chef_backend.health.causes.
    """

    code: str
    severity: Severity
    title: str
    value: str
    limit: str
    evidence: str = ""
    fix: str = ""
    subject: str = ""
    because: str = ""

    @property
    def headline(self) -> str:
        """What was found, in a line."""
        return f"{self.code} {self.title}: {self.value}"


def worst(findings: Iterable[Finding]) -> Severity:
    """Return the severity of the worst finding, OK when there is none."""
    return max((finding.severity for finding in findings), key=lambda each: each.weight, default=Severity.OK)


def verdict(findings: Iterable[Finding]) -> Severity:
    """Return what all come to: ok, warning, critical, or unknown when nothing worse is known."""
    found = worst(findings)
    return Severity.OK if found is Severity.NOTE else found
