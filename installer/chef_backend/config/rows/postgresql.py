"""Settings of PostgreSQL's service, users and network."""

from __future__ import annotations

from chef_backend.config.facts import HostFacts
from chef_backend.config.kinds.files import Path
from chef_backend.config.kinds.network import Clients
from chef_backend.config.kinds.simple import PORT, ROLE, SYSTEM_USER, Integer
from chef_backend.config.rows.postgresql_tuning import TUNING
from chef_backend.config.rows.service import log_rotation, scalars
from chef_backend.config.setting import Lookup, Rule, Setting, reload, restart


def _data_dir(facts: HostFacts, _lookup: Lookup) -> str:
    return f"/var/opt/chef-backend/postgresql/{facts.postgresql_major}/data"


def _log_directory(facts: HostFacts, _lookup: Lookup) -> str:
    return f"/var/log/chef-backend/postgresql/{facts.postgresql_major}"


ROWS = (
    Setting(
        "postgresql.data_dir",
        Path(),
        Rule(_data_dir, "`/var/opt/chef-backend/postgresql/<version>/data`"),
        "Folder of the databases.",
        fixed=True,
    ),
    Setting(
        "postgresql.db_superuser",
        ROLE,
        "chef_pgsql",
        "Superuser that is created; its password is in chef-backend-secrets.json.",
        fixed=True,
    ),
    Setting(
        "postgresql.keepalives_count",
        Integer(0, 127),
        2,
        "Lost keepalives after which a connection counts as dead (tcp_keepalives_count).",
        reload("postgresql"),
    ),
    Setting(
        "postgresql.keepalives_idle",
        Integer(0, 32767),
        60,
        "Idle time before the first keepalive (tcp_keepalives_idle).",
        reload("postgresql"),
        unit="s",
    ),
    Setting(
        "postgresql.keepalives_interval",
        Integer(0, 32767),
        15,
        "Time between keepalives (tcp_keepalives_interval).",
        reload("postgresql"),
        unit="s",
    ),
    Setting(
        "postgresql.md5_auth_cidr_addresses",
        Clients(),
        ("samehost", "samenet"),
        "Who may connect with a password, and replicate: two lines of pg_hba.conf for each entry. "
        "The same on every node, with the networks of all backends and frontends.",
        reload("postgresql"),
    ),
    Setting(
        "postgresql.port", PORT, 5432, "Port of PostgreSQL.", restart("postgresql") | reload("leaderl"), unit="port"
    ),
    Setting(
        "postgresql.replication_user",
        ROLE,
        "replicator",
        "Role that followers replicate as.",
        fixed=True,
    ),
    Setting(
        "postgresql.username",
        SYSTEM_USER,
        "chef_pgsql",
        "User that PostgreSQL runs as.",
        fixed=True,
    ),
    *TUNING,
    *scalars("postgresql", Rule(_log_directory, "`/var/log/chef-backend/postgresql/<version>`")),
    *log_rotation("postgresql"),
)
