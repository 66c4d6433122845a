"""leaderl on a node: its folders, its configuration with the passwords, and its service.

`sys.config` is JSON, for leaderl alone. chef_backend.leader.settings says what it needs of it; the rest is:
`{"control_timeout_s": 30, "log": {"max_lines_per_s": 1000}, "max_behind_bytes": 52428800,
"etcd": {"max_failures": 5, "pool": {"first": 10, "most": 10, "idle_s": 60, "age_s": 300, "cull_s": 60}},
"disks": {"fatal": false}}`.
"""

from __future__ import annotations

import json
from typing import Any, Final

from chef_backend.base.secret import Secret
from chef_backend.config.model import Settings
from chef_backend.resources.effects import Effect, ServiceEffect
from chef_backend.resources.model import Directory, File, Resource
from chef_backend.roles.node import Node, url
from chef_backend.roles.supervision import Service, definition
from chef_backend.secrets.modes import LEADERL_CONFIG

SERVICE: Final = "leaderl"
FORMAT: Final = 1
_MS: Final = 1000
# HUP has it end and start again, and keeps the leadership meanwhile; a restart would give that up.
_ANEW: Final = (ServiceEffect(SERVICE, Effect.RELOAD),)


def leaderl(node: Node) -> list[Resource]:
    """Return everything that leaderl needs on this node."""
    settings, paths = node.settings, node.paths
    user, group = settings.text("leaderl.username"), settings.text("leaderl.runsv_group")
    return [
        Directory(path=paths.leaderl, owner=user, group=group, mode=0o750),
        Directory(path=paths.leaderl_data, owner=user, group=group, mode=0o750),
        File(
            path=paths.leaderl_config,
            content=sys_config(node),
            owner=user,
            group=group,
            mode=LEADERL_CONFIG.mode,
            effects=_ANEW,
        ),
        *definition(node, service(node)),
    ]


def service(node: Node) -> Service:
    """Return the service; it is left down until this node is a member of its cluster."""
    settings = node.settings
    return Service(
        name=SERVICE,
        run="leaderl.sh.j2",
        user=settings.text("leaderl.username"),
        group=settings.text("leaderl.runsv_group"),
        values={"config": node.paths.leaderl_config, "run_folder": node.paths.leaderl_run},
        effects=_ANEW,
        down=settings.flag("leaderl.start_down") and not node.is_member,
    )


def sys_config(node: Node) -> Secret:
    """Return leaderl's configuration."""
    settings = node.settings

    def own(name: str) -> int:
        return settings.integer(f"leaderl.{name}")

    document = {
        "format": FORMAT,
        "guid": node.identity.guid,
        "name": node.identity.name,
        "ip": node.address,
        "log_level": "info",
        "log": {"max_lines_per_s": own("log_rotation.max_messages_per_second")},
        "http": {
            "address": settings.text("leaderl.http_address"),
            "port": own("http_port"),
            "acceptors": own("http_acceptors"),
        },
        "etcd": _etcd(node),
        "leader_ttl_s": own("leader_ttl_seconds"),
        "interval_s": own("health_check.interval_seconds"),
        "status_internal_s": own("status_internal_update_interval_seconds"),
        "status_post_s": own("status_post_update_interval_seconds"),
        "control_timeout_s": own("control_worker_timeout_seconds"),
        "required_followers": own("required_active_followers"),
        "max_behind_bytes": own("health_check.max_bytes_behind_leader"),
        "postgresql": _postgresql(node),
        "elasticsearch": {
            "url": url(node.loopback, settings.integer("elasticsearch.port")),
            "max_failures": own("health_check.max_elasticsearch_failures"),
        },
        "disks": _disks(settings),
        "sentinels": {
            "no_start": str(node.paths.no_start_pgsql),
            "may_start": str(node.paths.may_start_pgsql),
            "unsynced": str(node.paths.unsynced),
        },
        "run_folder": str(node.paths.leaderl_run),
    }
    return Secret(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def _etcd(node: Node) -> dict[str, Any]:
    settings = node.settings
    # Its own etcd only, for a node that is cut off from the others must notice; and by the loopback, for the address
    # may have gone to another machine, whose cluster is another.
    endpoint = url(node.loopback, settings.integer("etcd.client_port"))
    pool = {
        name: settings.integer(f"leaderl.etcd_pool.{setting}")
        for name, setting in (
            ("first", "init_count"),
            ("most", "max_count"),
            ("idle_s", "max_age_seconds"),
            ("age_s", "max_connection_duration_seconds"),
            ("cull_s", "cull_interval_seconds"),
        )
    }
    return {
        "endpoints": [endpoint],
        "timeout_s": settings.integer("leaderl.etcd_pool.http_timeout_ms") / _MS,
        "max_failures": settings.integer("leaderl.health_check.max_etcd_failures"),
        "pool": pool,
    }


def _postgresql(node: Node) -> dict[str, Any]:
    settings = node.settings
    return {
        "socket_folder": str(node.socket_folder),
        "port": settings.integer("postgresql.port"),
        "user": settings.text("postgresql.db_superuser"),
        "password": node.secrets.db_superuser_password.reveal(),
        "timeout_s": settings.integer("leaderl.db_timeout") / _MS,
        "data_folder": str(node.folder("postgresql.data_dir")),
        "max_failures": settings.integer("leaderl.health_check.max_pgsql_failures"),
    }


def _disks(settings: Settings) -> dict[str, Any]:
    return {
        "paths": list(settings.texts("leaderl.health_check.disk_paths")),
        "least_mb": settings.integer("leaderl.health_check.disk_min_space_mb"),
        "fatal": settings.flag("leaderl.health_check.fatal_system_checks"),
    }
