"""What differs between PostgreSQL 9.5 and 17 for a node: one table. Pure.

Sources are the release notes of each version, https://www.postgresql.org/docs/release/.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from chef_backend.base.errors import Conflict

OLDEST: Final = (9, 5)
NEWEST: Final = (17, 0)
_ONE_NUMBER: Final = (10, 0)  # from which on a major version has one number


@dataclass(frozen=True, slots=True)
class Version:
    """What one major version calls things, and what a change of its settings asks for."""

    major: str
    # The value of wal_level with all that a follower needs.
    wal_level: str = "hot_standby"
    # The setting for WAL that is kept besides what slots hold; counted in segments of 16 MB, or a size.
    wal_keep: str = "wal_keep_segments"
    wal_keep_is_size: bool = False
    # What pg_settings counts max_wal_size and min_wal_size in, where it does not say so itself.
    wal_size_unit: str = "16MB"
    wal_folder: str = "pg_xlog"
    current_position: str = "pg_current_xlog_location"
    received_position: str = "pg_last_xlog_receive_location"
    # The column of pg_stat_replication that says how much a follower has on disk.
    flushed_column: str = "flush_location"
    position_difference: str = "pg_xlog_location_diff"
    wal_file_name: str = "pg_xlogfile_name"
    # The value of password_encryption that stores what the clients of `md5` lines can use.
    password_encryption: str = "on"  # noqa: S105 - a setting's value
    # Whether a new certificate and other settings of TLS come by a reload.
    tls_reloads: bool = False
    # Whether followers are told by recovery.conf, with the password in it; by standby.signal and settings otherwise.
    has_recovery_conf: bool = True
    # Whether the settings of a follower's connection come by a reload.
    standby_reloads: bool = False
    # Whether the key of the certificate may be root's, and its group read it.
    key_may_be_roots: bool = False
    has_tls_minimum: bool = False
    # Whether pg_hba_file_rules says which lines of pg_hba.conf are wrong.
    has_access_view: bool = False
    # Whether a copy of the data has a manifest, by which pg_verifybackup checks it.
    has_backup_manifest: bool = False


# From this version on, these differ from the version before.
CHANGES: Final[Mapping[tuple[int, int], Mapping[str, str | bool]]] = MappingProxyType(
    {
        (9, 6): {"wal_level": "replica", "key_may_be_roots": True},
        (10, 0): {
            "wal_folder": "pg_wal",
            "current_position": "pg_current_wal_lsn",
            "received_position": "pg_last_wal_receive_lsn",
            "flushed_column": "flush_lsn",
            "position_difference": "pg_wal_lsn_diff",
            "wal_file_name": "pg_walfile_name",
            "wal_size_unit": "MB",
            "password_encryption": "md5",
            "tls_reloads": True,
            "has_access_view": True,
        },
        (12, 0): {"has_recovery_conf": False, "has_tls_minimum": True},
        (13, 0): {
            "wal_keep": "wal_keep_size",
            "wal_keep_is_size": True,
            "standby_reloads": True,
            "has_backup_manifest": True,
        },
    }
)


def version(major: str) -> Version:
    """Return what is known of a major version such as "9.5" or "15"; Conflict for one that is not known."""
    try:
        first, second, *rest = (*(int(part) for part in major.split(".")), 0)
    except ValueError:
        first, second, rest = 0, 0, []
    number = (first, second)
    if not OLDEST <= number <= NEWEST or any(rest) or (first > OLDEST[0] and second):
        raise Conflict(f"PostgreSQL {major!r} is not known; {OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]} are")
    fields: dict[str, str | bool] = {}
    for since, changed in CHANGES.items():
        if number >= since:
            fields |= changed
    return Version(major, **fields)  # type: ignore[arg-type] # the table's types are checked by a test


def oldest() -> Version:
    """Return the first one that is known."""
    return version(_major(OLDEST))


def since(holds: Callable[[Version], bool]) -> str:
    """Return the first major version of which something holds; "" where it holds of all."""
    if holds(oldest()):
        return ""
    return next(each.major for number in CHANGES if holds(each := version(_major(number))))


def version_of(number: int) -> Version:
    """Return what is known of the version that a server calls itself, such as 90525 or 150018."""
    return version(_major((number // 10_000, number // 100 % 100)))


def _major(number: tuple[int, int]) -> str:
    return f"{number[0]}.{number[1]}" if number < _ONE_NUMBER else str(number[0])
