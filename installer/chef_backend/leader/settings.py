"""leaderl's own configuration, `sys.config`: JSON that reconfigure writes, with the passwords, for leaderl alone.

{"format": 1, "guid": "<32 hex>", "name": "be1", "ip": "10.0.0.5", "log": {"max_lines_per_s": 1000},
"http": {"address": "0.0.0.0", "port": 7331},
"etcd": {"endpoints": ["http://127.0.0.1:2379"], "timeout_s": 5.0},
"leader_ttl_s": 30, "interval_s": 5, "status_internal_s": 5, "status_post_s": 10, "required_followers": 0,
"postgresql": {"socket_folder": "...", "port": 5432, "user": "chef_pgsql", "password": "...", "timeout_s": 2.0,
"data_folder": "...", "max_failures": 5},
"elasticsearch": {"url": "http://127.0.0.1:9200"},
"disks": {"paths": ["/var/opt/chef-backend"], "least_mb": 250, "fatal": false},
"sentinels": {"no_start": ".../no-start-pgsql", "may_start": ".../postgresql-may-start", "unsynced": ".../unsynced"},
"run_folder": "/run/chef-backend/leaderl"}

Other keys are passed over: what reconfigure writes for a later version does no harm.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

from chef_backend.base.errors import Conflict, NotPermitted
from chef_backend.base.secret import Secret
from chef_backend.leader.fence import Sentinels
from chef_backend.leader.model import Policy

FORMAT = 1
_INTERVALS_A_TTL = 5
_MOST_TO_FENCE_S = 5.0
_FENCES_A_TTL = 4
# Two requests a turn, and two turns, before the time to live is over.
_REQUESTS_A_TTL = 6


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """How to reach and stop the local PostgreSQL; times in seconds."""

    socket_folder: str
    port: int
    user: str
    password: Secret
    timeout_s: float
    data_folder: Path
    max_failures: int


@dataclass(frozen=True, slots=True)
class LeaderSettings:
    """Everything leaderl is told; times in seconds."""

    guid: str
    name: str
    ip: str
    http_address: str
    http_port: int
    etcd_endpoints: tuple[str, ...]
    etcd_timeout_s: float
    ttl_s: float
    interval_s: float
    status_internal_s: float
    status_post_s: float
    required_followers: int
    database: DatabaseSettings
    sentinels: Sentinels
    unsynced_file: Path
    run_folder: Path
    elasticsearch_url: str
    disk_paths: tuple[str, ...]
    disk_least_mb: int
    needs_disk_space: bool
    log_lines_per_s: int

    def policy(self) -> Policy:
        """Return the times that decisions follow from."""
        return Policy(
            ttl_s=self.ttl_s,
            fence_s=min(_MOST_TO_FENCE_S, self.ttl_s / _FENCES_A_TTL),
            margin_s=self.interval_s,
            max_database_failures=self.database.max_failures,
            required_followers=self.required_followers,
            needs_disk_space=self.needs_disk_space,
        )

    @property
    def election_timeout_s(self) -> float:
        """How long a request for the leadership may take: a slow answer is not to cost it."""
        return min(self.etcd_timeout_s, self.ttl_s / _REQUESTS_A_TTL)


def read_settings(path: Path) -> LeaderSettings:
    """Read the file; NotPermitted, or Conflict when something in it is missing or contradicts itself."""
    try:
        document = json.loads(path.read_bytes())
    except PermissionError:
        raise NotPermitted(f"{path} may not be read", hint="leaderl runs as chef_pgsql, by its service") from None
    except (OSError, ValueError) as error:
        raise Conflict(f"{path}: {error}", hint="run `chef-backend-ctl reconfigure`") from None
    try:
        if document["format"] != FORMAT:
            raise Conflict(f"{path} has format {document['format']}, this version knows {FORMAT}")
        found = _settings(document)
    except KeyError as error:
        raise Conflict(f"{path}: {error} is missing", hint="run `chef-backend-ctl reconfigure`") from None
    except (TypeError, ValueError) as error:
        raise Conflict(f"{path}: {error}", hint="run `chef-backend-ctl reconfigure`") from None
    _require_times(found, path)
    return found


def _require_times(found: LeaderSettings, path: Path) -> None:
    """Raise Conflict for times by which nothing could be done in time."""
    times = {
        "leader_ttl_s": found.ttl_s,
        "interval_s": found.interval_s,
        "status_internal_s": found.status_internal_s,
        "status_post_s": found.status_post_s,
        "etcd.timeout_s": found.etcd_timeout_s,
        "postgresql.timeout_s": found.database.timeout_s,
    }
    wrong = [f"{name} is {value:g}" for name, value in times.items() if not 0 < value < inf]
    if wrong:
        raise Conflict(f"{path}: {', '.join(wrong)}: seconds are expected, more than 0")
    if found.ttl_s < _INTERVALS_A_TTL * found.interval_s:
        # With fewer, one slow answer would cost the leadership.
        raise Conflict(
            f"a leader that lives {found.ttl_s:g} s must be looked at every {found.ttl_s / _INTERVALS_A_TTL:g} s or "
            f"more often, not every {found.interval_s:g} s",
            hint="raise leaderl.leader_ttl_seconds, or lower leaderl.health_check.interval_seconds",
        )


def _settings(document: Mapping[str, Any]) -> LeaderSettings:
    http, etcd, disks, sentinels = (document[key] for key in ("http", "etcd", "disks", "sentinels"))
    return LeaderSettings(
        guid=str(document["guid"]),
        name=str(document["name"]),
        ip=str(document["ip"]),
        http_address=str(http["address"]),
        http_port=int(http["port"]),
        etcd_endpoints=tuple(map(str, etcd["endpoints"])),
        etcd_timeout_s=float(etcd["timeout_s"]),
        ttl_s=float(document["leader_ttl_s"]),
        interval_s=float(document["interval_s"]),
        status_internal_s=float(document["status_internal_s"]),
        status_post_s=float(document["status_post_s"]),
        required_followers=int(document["required_followers"]),
        database=_database(document["postgresql"]),
        sentinels=Sentinels(Path(sentinels["no_start"]), Path(sentinels["may_start"])),
        unsynced_file=Path(sentinels["unsynced"]),
        run_folder=Path(document["run_folder"]),
        elasticsearch_url=str(document["elasticsearch"]["url"]),
        disk_paths=tuple(map(str, disks["paths"])),
        disk_least_mb=int(disks["least_mb"]),
        needs_disk_space=bool(disks["fatal"]),
        log_lines_per_s=int(document["log"]["max_lines_per_s"]),
    )


def _database(found: Mapping[str, Any]) -> DatabaseSettings:
    return DatabaseSettings(
        socket_folder=str(found["socket_folder"]),
        port=int(found["port"]),
        user=str(found["user"]),
        password=Secret(str(found["password"])),
        timeout_s=float(found["timeout_s"]),
        data_folder=Path(found["data_folder"]),
        max_failures=int(found["max_failures"]),
    )
