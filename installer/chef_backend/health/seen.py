"""Everything that was seen of this node at one moment; a source that gave nothing in its time is a Failure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from chef_backend.cluster.ports import Holder
from chef_backend.health.situation import Known
from chef_backend.postgresql.control import Readiness
from chef_backend.postgresql.running import Difference
from chef_backend.reconfigure.membership import Membership
from chef_backend.resources.plan import Plan
from chef_backend.secrets.modes import Protection
from chef_backend.status.answers import Answers
from chef_backend.status.model import Failure
from chef_backend.tls.due import Facts, Reason


@dataclass(frozen=True, slots=True)
class Guarded:
    """A file that holds a secret: who owns it and who may read it, and how that should be."""

    path: Path
    found: Protection
    wanted: Protection


@dataclass(frozen=True, slots=True)
class Certificate:
    """The certificate for replication; `due` says why a new one is to be made, None for one of the operator's own."""

    path: Path
    facts: Facts
    is_own: bool
    due: Reason | None = None


@dataclass(frozen=True, slots=True)
class OnDisk:
    """What this node's files say, compared with what they should."""

    plan: Plan | Failure
    certificate: Certificate
    guarded: tuple[Guarded, ...]


@dataclass(frozen=True, slots=True)
class Served:
    """PostgreSQL, asked by its socket; `differences` are settings that do not run as configured."""

    readiness: Readiness
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """What a service's log says of why it ended, what mends that; `stopped` where a signal holds its process."""

    why: str = ""
    fix: str = ""
    stopped: bool = False


SILENT: Final = Said()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One look; `on_disk` and `served` are None where the configuration has mistakes, so that they cannot be known.

    `sentinels` are the contents of leaderl's files that hold PostgreSQL back, by path; `metrics` and `etcd_health` are
    etcd's pages; `said` is by service, `holders` are those who listen on this node's ports.
    """

    at: float
    membership: Membership | None
    known: Known
    supervised: bool
    answers: Answers | Failure
    on_disk: OnDisk | Failure | None = None
    served: Served | Failure | None = None
    sentinels: Mapping[Path, str] = field(default_factory=dict)
    metrics: str = ""
    etcd_health: str = ""
    said: Mapping[str, Said] = field(default_factory=dict)
    holders: Mapping[int, Holder] = field(default_factory=dict)
