"""What the settings ask of the host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chef_backend.base.paths import Paths
from chef_backend.config.model import Settings

# Elasticsearch's own port for other nodes: no setting, since frontends and firewalls know it.
_TRANSPORT = 9300


@dataclass(frozen=True, slots=True)
class Wanted:
    """Ports by service, and paths, names and amounts that the node is going to use; `users` are its accounts."""

    ports: Mapping[str, tuple[int, ...]]
    publish_address: str
    fqdn: str
    data: Path
    logs: Path
    claimed_mb: int
    least_free_mb: int
    users: tuple[str, ...] = ("chef_pgsql", "chef-backend")


def wanted(settings: Settings, paths: Paths, shared_buffers_mb: int) -> Wanted:
    """Return what a node with these settings needs."""
    return Wanted(
        ports={
            "etcd": (settings.integer("etcd.client_port"), settings.integer("etcd.peer_port")),
            "postgresql": (settings.integer("postgresql.port"),),
            "elasticsearch": (settings.integer("elasticsearch.port"), _TRANSPORT),
            "leaderl": (settings.integer("leaderl.http_port"),),
        },
        publish_address=settings.text("publish_address"),
        fqdn=settings.text("fqdn"),
        data=paths.data,
        logs=paths.logs,
        claimed_mb=shared_buffers_mb + settings.integer("elasticsearch.heap_size"),
        least_free_mb=settings.integer("leaderl.health_check.disk_min_space_mb"),
    )
