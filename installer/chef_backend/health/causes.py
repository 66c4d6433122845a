"""Which finding explains which: the operator mends the cause, and what follows from it is gone. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from chef_backend.health import codes
from chef_backend.health.checks.member import ADDRESS_GONE
from chef_backend.health.finding import Code, Finding, Severity

_OF_A_SERVICE: Final = frozenset({codes.SERVICE.code, codes.PAUSED.code, codes.FLAPPING.code})
_BAD: Final = {Severity.UNKNOWN, Severity.WARNING, Severity.CRITICAL}
# What is asked of a service, by the service.
_ASKED: Final[Mapping[str, tuple[Code, ...]]] = {
    "etcd": (codes.ETCD, codes.LEADER),
    "postgresql": (codes.POSTGRESQL, codes.LEADER),
    "leaderl": (codes.LEADER,),
    "elasticsearch": (codes.SEARCH,),
}
_ALL: Final = tuple(dict.fromkeys(code for each in _ASKED.values() for code in each))
# From the cause to what it explains of any service.
_GENERAL: Final[Mapping[Code, tuple[Code, ...]]] = {
    codes.NOT_MEMBER: (codes.SERVICE, codes.FLAPPING, codes.SUPERVISOR, codes.DRIFT, *_ALL),
    codes.SUPERVISOR: (codes.SERVICE, codes.FLAPPING, *_ALL),
    codes.NO_START: (codes.POSTGRESQL, codes.LEADER),
    codes.ETCD: (codes.LEADER,),
}
_DISKS: Final = frozenset({codes.SPACE.code, codes.ROOM.code})
_NO_SPACE: Final = "no space left on device"
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
            return f"{cause.code} {cause.title}: {cause.value}"
    return ""


def _by_rank(bad: Sequence[Finding]) -> Sequence[Finding]:
    """Return the possible causes, those first that explain the most."""
    general = [cause.code for cause in _GENERAL if cause is not codes.ETCD]
    kinds = (_DISKS, _FILES, _ON_PORTS, _OF_A_SERVICE)
    order = [*general, codes.CERTIFICATE.code, *(code for kind in kinds for code in sorted(kind)), codes.ETCD.code]
    return sorted((each for each in bad if each.code in order), key=lambda each: order.index(each.code))


def _explains(cause: Finding, effect: Finding) -> bool:
    if cause.severity.weight < effect.severity.weight:
        return False
    if cause.code in _DISKS:
        return _NO_SPACE in effect.evidence.lower()
    if cause.code == codes.CERTIFICATE.code:
        return cause.evidence in effect.evidence
    if cause.code == codes.CONFIGURATION.code and effect.code in {codes.ETCD.code, codes.LEADER.code}:
        return ADDRESS_GONE in cause.evidence
    if cause.code in _FILES:
        return effect.code == codes.DRIFT.code and effect.severity is Severity.UNKNOWN
    if cause.code in _ON_PORTS and effect.code in _OF_A_SERVICE:
        return effect.subject == cause.subject
    if cause.code in _ON_PORTS | _OF_A_SERVICE:
        return effect.code in {code.code for code in _ASKED.get(cause.subject, ())}
    return any(
        cause.code == code.code and effect.code in {each.code for each in found} for code, found in _GENERAL.items()
    )
