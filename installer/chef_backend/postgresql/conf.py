"""The text of postgresql.conf: its settings for a node, written and read. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chef_backend.config.model import Settings
from chef_backend.postgresql.versions import Version

Literal = bool | int | float | str
SEGMENT_MB: Final = 16
# A folder, because PostgreSQL writes a line to its log for each missing file that may be there.
INCLUDED: Final = "conf.d"
# https://www.postgresql.org/docs/15/config-setting.html
_LINE = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_.]*)\s*(?:=\s*|\s+)('(?:[^']|'')*'|[^\s#']+)\s*(?:#.*)?")
_HEAD = "# Written by chef-backend-ctl reconfigure: put changes into /etc/chef-backend/chef-backend.rb.\n"

# Settings that are given to postgresql.conf under their own name, as they are written.
SAME_NAME: Final = (
    "archive_command",
    "archive_mode",
    "archive_timeout",
    "checkpoint_completion_target",
    "checkpoint_timeout",
    "checkpoint_warning",
    "effective_cache_size",
    "hot_standby",
    "log_checkpoints",
    "log_min_duration_statement",
    "max_connections",
    "max_replication_slots",
    "max_wal_senders",
    "port",
    "shared_buffers",
    "wal_log_hints",
    "work_mem",
)
KEEPALIVES: Final = ("count", "idle", "interval")


@dataclass(frozen=True, slots=True)
class Certificate:
    """The paths of a certificate and its key."""

    certificate: Path
    key: Path


def server_settings(
    settings: Settings, version: Version, socket_folder: Path, certificate: Certificate
) -> dict[str, Literal]:
    """Return everything that postgresql.conf says, by name."""

    def written(name: str) -> Literal:
        value = settings.value(f"postgresql.{name}")
        if not isinstance(value, bool | int | float | str):
            raise TypeError(name)
        return value

    values: dict[str, Literal] = {name: written(name) for name in SAME_NAME}
    values |= {f"tcp_keepalives_{name}": written(f"keepalives_{name}") for name in KEEPALIVES}
    values |= {name: _wal_size(settings.amount(f"postgresql.{name}")) for name in ("max_wal_size", "min_wal_size")}
    values |= _wal(settings, version)
    values |= _tls(settings, version, certificate)
    values |= {
        # Frontends and followers come from every network; pg_hba.conf says who may.
        "listen_addresses": "*",
        "unix_socket_directories": str(socket_folder),
        "password_encryption": version.password_encryption,
        # svlogd has the time already.
        "log_line_prefix": "[%p] %q%u@%d %r ",
        "log_destination": "stderr",
        "logging_collector": False,
        "lc_messages": "C",
        "log_timezone": "UTC",
        "TimeZone": "UTC",
        "DateStyle": "iso, mdy",
    }
    return dict(sorted(values.items()))


def _wal_size(amount: int | str) -> str:
    """Return a size with its unit: without one PostgreSQL counts segments up to 9.6, and megabytes from 10 on."""
    return f"{amount * SEGMENT_MB}MB" if isinstance(amount, int) else amount


def _wal(settings: Settings, version: Version) -> dict[str, Literal]:
    segments = settings.integer("postgresql.wal_keep_segments")
    level = settings.text("postgresql.wal_level")
    return {
        version.wal_keep: f"{segments * SEGMENT_MB}MB" if version.wal_keep_is_size else segments,
        "wal_level": version.wal_level if level in {"hot_standby", "replica"} else level,
    }


def _tls(settings: Settings, version: Version, certificate: Certificate) -> dict[str, Literal]:
    values: dict[str, Literal] = {
        "ssl": True,
        "ssl_cert_file": str(certificate.certificate),
        "ssl_key_file": str(certificate.key),
        "ssl_ciphers": settings.text("ssl.ciphers"),
        "ssl_prefer_server_ciphers": True,
    }
    if version.has_tls_minimum:
        values["ssl_min_protocol_version"] = "TLSv1.2"
    return values


def render(values: Mapping[str, Literal], version: Version) -> bytes:
    """Return the file's text; from 12 on it includes a folder, for the settings that make a follower."""
    lines = [f"{name} = {literal(value)}\n" for name, value in values.items()]
    if not version.has_recovery_conf:
        lines.append(f"include_dir = '{INCLUDED}'\n")
    return (_HEAD + "".join(lines)).encode()


def literal(value: Literal) -> str:
    """Return a value as postgresql.conf has it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int | float):
        return str(value)
    # A backslash begins an escape within quotation marks.
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def parse(text: bytes) -> dict[str, str]:
    """Return the settings of a file by name, in lower case, as written; the last of a name counts, as in PostgreSQL."""
    found: dict[str, str] = {}
    for line in text.decode("utf-8", "replace").splitlines():
        match = _LINE.fullmatch(line)
        if match is not None:
            found[match[1].lower()] = match[2]
    return found
