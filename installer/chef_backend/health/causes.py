"""Which finding explains which: the operator mends the cause, and what follows from it is gone. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from chef_backend.config.checks_network import ADDRESS_GONE
from chef_backend.health import codes
from chef_backend.health.finding import Code, Finding, Severity

_OF_A_SERVICE: Final = frozenset({codes.SERVICE.code, codes.PAUSED.code, codes.FLAPPING.code})
_BAD: Final = {Severity.UNKNOWN, Severity.WARNING, Severity.CRITICAL}
# What is asked of a service, by the service. The file that holds PostgreSQL back goes when leaderl leads again.
_ASKED: Final[Mapping[str, tuple[Code, ...]]] = {
    "etcd": (codes.ETCD, codes.LEADER, codes.NO_START),
    "postgresql": (codes.POSTGRESQL, codes.LEADER),
    "leaderl": (codes.LEADER, codes.NO_START),
    "elasticsearch": (codes.SEARCH,),
}
_ALL: Final = tuple(dict.fromkeys(code for each in _ASKED.values() for code in each))
# From the cause to what it explains of any service.
_GENERAL: Final[Mapping[Code, tuple[Code, ...]]] = {
    codes.NOT_MEMBER: (codes.SERVICE, codes.FLAPPING, codes.SUPERVISOR, codes.DRIFT, *_ALL),
    codes.SUPERVISOR: (codes.SERVICE, codes.FLAPPING, *_ALL),
    codes.NO_START: (codes.POSTGRESQL, codes.LEADER),
    codes.ETCD: (codes.LEADER, codes.NO_START),
}
# What a service says where one of these is its reason.
_NO_SPACE: Final = "no space left on device"
_SAID: Final[Mapping[str, str]] = {
    codes.READ_ONLY.code: "read-only file system",
    codes.SPACE.code: _NO_SPACE,
    codes.ROOM.code: _NO_SPACE,
}
# Without them it is not known how the node's files should be.
_FILES: Final = frozenset({codes.CONFIGURATION.code, codes.STATE.code, codes.SECRETS.code})
# A process on a service's port keeps that service from starting.
_ON_PORTS: Final = frozenset({codes.STRAY.code, codes.PORTS.code})


def explained(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings, the causes first, each that follows from another with that one's name in `because`."""
    bad = [each for each in findings if each.severity in _BAD]
    named = [replace(each, because=_cause(each, bad)) if each in bad else each for each in findings]
    return tuple(sorted(named, key=lambda each: bool(each.because)))


def _cause(effect: Finding, bad: Sequence[Finding]) -> str:
    for cause in _by_rank(bad):
        if cause is not effect and _explains(cause, effect):
            return cause.headline
    return ""


def _by_rank(bad: Sequence[Finding]) -> Sequence[Finding]:
    """Return the possible causes, those first that explain the most."""
    kinds = (_SAID, (codes.CERTIFICATE.code,), _FILES, _ON_PORTS, _OF_A_SERVICE)
    first = (codes.NOT_MEMBER.code, codes.SUPERVISOR.code)
    order = [*first, *(code for kind in kinds for code in sorted(kind)), codes.ETCD.code, codes.NO_START.code]
    return sorted((each for each in bad if each.code in order), key=lambda each: order.index(each.code))


def _explains(cause: Finding, effect: Finding) -> bool:
    if cause.severity.weight < effect.severity.weight:
        return False
    if cause.code in _SAID:
        return _SAID[cause.code] in effect.evidence.lower()
    if cause.code == codes.CERTIFICATE.code:
        return cause.evidence in effect.evidence
    if cause.code in _FILES and effect.code == codes.DRIFT.code:
        return effect.severity is Severity.UNKNOWN
    if cause.code == codes.CONFIGURATION.code:
        return ADDRESS_GONE in cause.evidence and effect.code in {
            codes.ETCD.code,
            codes.LEADER.code,
            codes.NO_START.code,
        }
    if cause.code in _ON_PORTS and effect.code in _OF_A_SERVICE:
        return effect.subject == cause.subject
    return effect.code in {code.code for code in _follows(cause)}


def _follows(cause: Finding) -> tuple[Code, ...]:
    """Return what a cause explains, whatever is said of it."""
    if cause.code in _ON_PORTS | _OF_A_SERVICE:
        return _ASKED.get(cause.subject, ())
    return next((found for code, found in _GENERAL.items() if code.code == cause.code), ())
