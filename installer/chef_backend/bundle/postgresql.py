"""What a bundle tells of PostgreSQL: its state in numbers, no query and no row of anybody's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from chef_backend.bundle.item import Item, Program
from chef_backend.bundle.node import Node
from chef_backend.postgresql.versions import version

_VERSION: Final = re.compile(r"\d+(?:\.\d)?")
_LIMITS: Final[Mapping[str, str]] = MappingProxyType(
    {"PGOPTIONS": "-c statement_timeout=5000", "PGCONNECT_TIMEOUT": "5"}
)
# Texts may hold a password (archive_command does), but these do not.
_SETTINGS: Final = (
    "select name, setting, unit, source, pending_restart from pg_settings where vartype <> 'string' or name in "
    "('server_version', 'listen_addresses', 'data_directory', 'synchronous_standby_names', 'shared_preload_libraries', "
    "'wal_level', 'ssl_ciphers', 'TimeZone', 'lc_messages') order by name"
)
_ACTIVITY: Final = (
    "select pid, datname, usename, application_name, client_addr, backend_start, xact_start, state_change, state "
    "from pg_stat_activity order by pid"
)
_DATABASES: Final = (
    "select d.datname, pg_database_size(d.oid) as bytes, s.* from pg_database d "
    "left join pg_stat_database s on s.datid = d.oid order by 1"
)
_QUERIES: Final = {
    "settings.txt": _SETTINGS,
    "activity.txt": _ACTIVITY,
    "databases.txt": _DATABASES,
    "replication.txt": "select * from pg_stat_replication",
    "replication_slots.txt": "select * from pg_replication_slots",
    "archiver.txt": "select * from pg_stat_archiver",
    "bgwriter.txt": "select * from pg_stat_bgwriter",
}


def postgresql(found: Node) -> Iterator[Item]:
    """Yield what is collected of PostgreSQL, asked over the socket where root needs no password."""
    paths = found.paths
    versions = [name for name in found.host.list_folder(paths.data / "postgresql") if _VERSION.fullmatch(name)]
    for each in versions:
        folder, data = f"postgresql/{each}", str(paths.postgresql_data(each))
        if len(versions) == 1:
            data = found.last.text("postgresql.data_dir", data)
        yield Program(f"{folder}/controldata.txt", (str(paths.embedded_bin / "pg_controldata"), data))
        yield Program(f"{folder}/wal.txt", ("du", "--summarize", "--bytes", f"{data}/{version(each).wal_folder}"))
        for name, query in _QUERIES.items():
            yield Program(f"{folder}/{name}", (*_psql(found, each), f"--command={query}"), env=_LIMITS)


def _psql(found: Node, major: str) -> tuple[str, ...]:
    return (
        str(found.paths.embedded_bin / "psql"),
        f"--host={found.paths.postgresql(major) / 'socket'}",
        f"--port={found.last.number('postgresql.port', 5432)}",
        f"--username={found.last.text('postgresql.db_superuser', 'chef_pgsql')}",
        "--no-psqlrc",
        "--no-password",
        "--dbname=postgres",
    )
