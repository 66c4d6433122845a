"""Settings of leaderl's health checks."""

from __future__ import annotations

from chef_backend.config.kinds.files import Paths
from chef_backend.config.kinds.simple import Flag, Integer
from chef_backend.config.setting import Setting, reload

_RELOAD = reload("leaderl")
_FAILURES = Integer(0, 1000)

HEALTH_CHECK = (
    Setting(
        "leaderl.health_check.disk_min_space_mb",
        Integer(0),
        250,
        "Free space that each of the disk_paths needs.",
        _RELOAD,
        unit="MB",
        since="1.4",
    ),
    Setting(
        "leaderl.health_check.disk_paths",
        Paths(),
        ("/var/log/chef-backend", "/var/opt/chef-backend"),
        "Paths whose free space is checked.",
        _RELOAD,
        since="1.4",
    ),
    Setting(
        "leaderl.health_check.fatal_system_checks",
        Flag(),
        default=False,
        meaning="Whether a node that fails a system check, such as that of disk space, may not lead.",
        effects=_RELOAD,
        since="1.4",
    ),
    Setting(
        "leaderl.health_check.interval_seconds",
        Integer(1, 600),
        5,
        "How often the services are checked: at most a fifth of leaderl.leader_ttl_seconds.",
        _RELOAD,
        unit="s",
        aliases=("leaderl.health_check_interval_seconds",),
    ),
    Setting(
        "leaderl.health_check.max_bytes_behind_leader",
        Integer(0),
        52428800,
        "How far a follower may be behind and still be healthy.",
        _RELOAD,
        unit="bytes",
        since="1.2",
    ),
    Setting(
        "leaderl.health_check.max_elasticsearch_failures",
        _FAILURES,
        5,
        "Failures of Elasticsearch in a row before the check fails.",
        _RELOAD,
        since="1.2",
    ),
    Setting(
        "leaderl.health_check.max_etcd_failures",
        _FAILURES,
        5,
        "Failures of etcd in a row before the check fails.",
        _RELOAD,
        since="1.2",
    ),
    Setting(
        "leaderl.health_check.max_pgsql_failures",
        _FAILURES,
        5,
        "Failures of PostgreSQL in a row before the check fails.",
        _RELOAD,
        since="1.2",
    ),
)
