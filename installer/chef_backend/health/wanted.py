"""What the settings ask of the host, beside what the host has of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chef_backend.base.paths import Paths
from chef_backend.cluster.ports import needed_by
from chef_backend.config.facts import HostFacts
from chef_backend.config.model import Settings
from chef_backend.config.rows.postgresql_tuning import SHARED_BUFFERS

_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Wanted:
    """Services by port, folders by what they are for, amounts in MB, and the accounts that the services run as.

    Elasticsearch loads a library from the folder `temporary`, etcd waits for the disk of the folder `synced`.
    """

    facts: HostFacts
    ports: Mapping[int, str]
    publish_address: str
    fqdn: str
    folders: Mapping[str, Path]
    temporary: Path
    synced: Path
    embedded: Path
    shared_buffers_mb: int
    heap_mb: int
    users: tuple[str, ...]


def wanted(settings: Settings, facts: HostFacts, paths: Paths) -> Wanted:
    """Return what a node with these settings needs."""

    def place(setting: str) -> Path:
        return paths.root / settings.text(setting).lstrip("/")

    return Wanted(
        facts=facts,
        ports=needed_by(settings),
        publish_address=settings.text("publish_address"),
        fqdn=settings.text("fqdn"),
        folders={
            "etcd": paths.etcd,
            "PostgreSQL": place("postgresql.data_dir"),
            "Elasticsearch": place("elasticsearch.data_dir"),
            "logs": paths.logs,
        },
        temporary=place("elasticsearch.temp_directory"),
        synced=paths.etcd,
        embedded=paths.embedded,
        shared_buffers_mb=SHARED_BUFFERS.smallest(settings.amount("postgresql.shared_buffers")) // _MIB,
        heap_mb=settings.integer("elasticsearch.heap_size"),
        users=tuple(sorted({settings.text("postgresql.username"), settings.text("leaderl.username"), "chef-backend"})),
    )
