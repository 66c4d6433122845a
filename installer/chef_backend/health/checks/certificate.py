"""The certificate for replication: how long it is good for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chef_backend.base.plural import counted
from chef_backend.health.codes import CERTIFICATE
from chef_backend.health.finding import Finding
from chef_backend.health.seen import Certificate, OnDisk, Seen
from chef_backend.tls.due import Reason

_DAY_S: Final = 86_400
_SOON_DAYS: Final = 30


def certificate(seen: Seen) -> Iterator[Finding]:
    """Yield what is to be said of it."""
    if isinstance(seen.on_disk, OnDisk):
        yield judge(seen.on_disk.certificate, seen.at)


def judge(found: Certificate, now: float) -> Finding:
    """Judge a certificate; the operator's own is replaced by the operator."""
    fix = "" if found.is_own else "chef-backend-ctl reconfigure"
    evidence = str(found.path)
    facts = found.facts
    if not (facts.has_certificate and facts.has_key):
        return CERTIFICATE.critical("not there", evidence=evidence, fix=fix)
    if facts.ends_at is None:
        return CERTIFICATE.critical("cannot be read", evidence=evidence, fix=fix)
    if not facts.matches:
        return CERTIFICATE.critical("not of its key", evidence=evidence, fix=fix)
    days = days_left(facts.ends_at, now)
    value = f"{counted(days, 'day')} left"
    if facts.ends_at <= now:
        return CERTIFICATE.critical("has expired", evidence=evidence, fix=fix)
    # One that was made to live for a few days only is not renewed 30 days before.
    soon = days < _SOON_DAYS if found.is_own else found.due is Reason.ENDS_SOON
    if soon:
        return CERTIFICATE.warning(value, evidence=evidence, fix=fix)
    return CERTIFICATE.fine(value, evidence=evidence)


def days_left(ends_at: float, now: float) -> int:
    """Return whole days, below 0 when they are over."""
    return int((ends_at - now) // _DAY_S)
