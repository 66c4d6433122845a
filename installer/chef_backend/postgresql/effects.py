"""What a changed postgresql.conf asks of the server: a reload, or a restart that somebody has to ask for. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from chef_backend.postgresql.conf import parse
from chef_backend.postgresql.versions import Version
from chef_backend.resources.effects import Effect, EffectRule, Effects, ServiceEffect

SERVICE: Final = "postgresql"
# Context `postmaster` of pg_settings, of those that we write; an integration test compares them with a server's own.
NEEDS_RESTART: Final = frozenset(
    {
        "archive_mode",
        "hot_standby",
        "listen_addresses",
        "logging_collector",
        "max_connections",
        "max_replication_slots",
        "max_wal_senders",
        "port",
        "shared_buffers",
        "unix_socket_directories",
        "wal_level",
        "wal_log_hints",
    }
)
_TLS: Final = "ssl"
_STANDBY: Final = frozenset({"primary_conninfo", "primary_slot_name"})


def needs_restart(name: str, version: Version) -> bool:
    """Tell whether a running server takes this setting up by a restart only."""
    if name == _TLS or name.startswith(f"{_TLS}_"):
        return not version.tls_reloads
    if name in _STANDBY:
        return not version.standby_reloads
    return name in NEEDS_RESTART


def changed(old: bytes, new: bytes) -> tuple[str, ...]:
    """Return the names that two texts of postgresql.conf differ in, sorted."""
    before, after = parse(old), parse(new)
    return tuple(name for name in sorted({*before, *after}) if before.get(name) != after.get(name))


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A setting that two texts of postgresql.conf differ in, as they have it; "" where one does not."""

    name: str
    old: str
    new: str
    effect: Effect


def setting_changes(old: bytes, new: bytes, version: Version) -> tuple[SettingChange, ...]:
    """Return what differs, by name, with what it takes to come to a running server."""
    before, after = parse(old), parse(new)
    return tuple(
        SettingChange(
            name,
            before.get(name, ""),
            after.get(name, ""),
            Effect.RESTART if needs_restart(name, version) else Effect.RELOAD,
        )
        for name in changed(old, new)
    )


def conf_rule(version: Version) -> EffectRule:
    """Return the rule for postgresql.conf.

    Where there was no file, it is a reload: the server itself says then (pg_settings.pending_restart) what waits.
    """

    def rule(old: bytes | None, new: bytes) -> Effects:
        names = changed(old or b"", new)
        if old is None:
            return (ServiceEffect(SERVICE, Effect.RELOAD),)
        if any(needs_restart(name, version) for name in names):
            return (ServiceEffect(SERVICE, Effect.RESTART),)
        return (ServiceEffect(SERVICE, Effect.RELOAD),) if names else ()

    return rule
