"""Whether this node is in a cluster, and its own files fit together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from chef_backend.config.checks_network import ADDRESS_GONE
from chef_backend.health.codes import CONFIGURATION, NOT_MEMBER
from chef_backend.health.finding import Finding, Severity
from chef_backend.health.seen import Seen
from chef_backend.reconfigure.membership import Membership


def membership(seen: Seen) -> Iterator[Finding]:
    """Yield whether it is a member."""
    match seen.membership:
        case Membership.MEMBER:
            yield NOT_MEMBER.fine("a member")
        case Membership.NONE:
            yield NOT_MEMBER.critical("in none")
        case None:
            yield NOT_MEMBER.unknown("not told")
        case begun:
            again = (
                "chef-backend-ctl restore PATH" if begun is Membership.RESTORING else "chef-backend-ctl create-cluster"
            )
            yield NOT_MEMBER.critical(f"{begun}, not finished", evidence="the command was interrupted", fix=again)


def configuration(seen: Seen) -> Iterator[Finding]:
    """Yield what is wrong in this node's files: services that run go on, so it is a warning on a member.

    Not where the node's address is gone: nobody reaches it then.
    """
    for finding in seen.known.findings:
        mild = finding.severity is Severity.CRITICAL and seen.membership is Membership.MEMBER
        mild = mild and not (finding.code == CONFIGURATION.code and ADDRESS_GONE in finding.evidence)
        yield replace(finding, severity=Severity.WARNING) if mild else finding
