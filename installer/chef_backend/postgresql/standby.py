"""What makes a server a follower: recovery.conf up to PostgreSQL 11, settings and a password file from 12 on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chef_backend.base.secret import Secret
from chef_backend.postgresql.conf import INCLUDED, literal
from chef_backend.postgresql.versions import Version

RECOVERY_CONF: Final = "recovery.conf"
STANDBY_CONF: Final = f"{INCLUDED}/standby.conf"
STANDBY_SIGNAL: Final = "standby.signal"
PASSFILE: Final = "passfile"


@dataclass(frozen=True, slots=True)
class Primary:
    """The server that a follower copies from; `slot` is the follower's own there, `name` what it calls itself."""

    host: str
    port: int
    user: str
    slot: str
    name: str


def follows(data_folder: Path) -> bool:
    """Tell whether a server of this data follows another, or would when it starts: what its files say."""
    return any((data_folder / name).exists() for name in (STANDBY_SIGNAL, RECOVERY_CONF))


def secret_file(version: Version, folder: Path, data_folder: Path) -> Path:
    """Return the file that holds the password for replication; `folder` is PostgreSQL's own of this version."""
    return data_folder / RECOVERY_CONF if version.has_recovery_conf else folder / PASSFILE


def passfile(user: str, password: Secret) -> Secret:
    """Return a password file for any server: https://www.postgresql.org/docs/15/libpq-pgpass.html."""
    escaped = password.reveal().replace("\\", "\\\\").replace(":", "\\:")
    return Secret(f"*:*:*:{user}:{escaped}\n")


def standby_files(version: Version, primary: Primary, password: Secret, secrets: Path) -> dict[str, Secret | bytes]:
    """Return the contents, by path, of the files in the data directory that make a follower of this primary.

    `secrets` is the password file, which is used from 12 on.
    """
    connection = [
        f"host={_quoted(primary.host)}",
        f"port={primary.port}",
        f"user={_quoted(primary.user)}",
        # Without a common authority nobody can vouch for the primary's name; the line is encrypted all the same.
        "sslmode=require",
        f"application_name={_quoted(primary.name)}",
    ]
    by_file = "recovery_target_timeline = 'latest'\n"
    slot = f"primary_slot_name = {literal(primary.slot)}\n"
    if version.has_recovery_conf:
        connection.append(f"password={_quoted(password.reveal())}")
        told = f"standby_mode = on\nprimary_conninfo = {literal(' '.join(connection))}\n"
        return {RECOVERY_CONF: Secret(told + slot + by_file)}
    connection.append(f"passfile={_quoted(str(secrets))}")
    told = f"primary_conninfo = {literal(' '.join(connection))}\n"
    return {STANDBY_CONF: (told + slot + by_file).encode(), STANDBY_SIGNAL: b""}


def _quoted(text: str) -> str:
    """Return a value of a connection string: https://www.postgresql.org/docs/15/libpq-connect.html."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
