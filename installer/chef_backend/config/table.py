"""The one table of settings: parser, checks, defaults, sample and reference page are made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from chef_backend.config.rows import elasticsearch, etcd, leaderl, node, postgresql, ssl
from chef_backend.config.setting import Setting


@dataclass(frozen=True, slots=True)
class Obsolete:
    """A setting of former versions: accepted, and reported as without effect."""

    reason: str
    since: str


def _in_order(rows: tuple[Setting, ...]) -> tuple[Setting, ...]:
    """Return scalars by name, then nested groups as they stand, each by name."""
    groups: dict[str, list[Setting]] = {}
    for row in rows:
        groups.setdefault(row.name.rpartition(".")[0], []).append(row)
    section = min(groups, key=len)
    ordered = [section, *(group for group in groups if group != section)]
    return tuple(row for group in ordered for row in sorted(groups[group], key=lambda each: each.name))


SECTIONS: Final[Mapping[str, tuple[Setting, ...]]] = MappingProxyType(
    {
        "": _in_order(node.ROWS),
        "etcd": _in_order(etcd.ROWS),
        "postgresql": _in_order(postgresql.ROWS),
        "elasticsearch": _in_order(elasticsearch.ROWS),
        "leaderl": _in_order(leaderl.ROWS),
        "ssl": _in_order(ssl.ROWS),
    }
)
TABLE: Final[Mapping[str, Setting]] = MappingProxyType({row.name: row for rows in SECTIONS.values() for row in rows})
ALIASES: Final[Mapping[str, str]] = MappingProxyType(
    {alias: row.name for row in TABLE.values() for alias in row.aliases}
)
OBSOLETE: Final[Mapping[str, Obsolete]] = MappingProxyType(
    {
        "vip": Obsolete("frontends find the leader themselves, through HAProxy", "0.8"),
        "vip_interface": Obsolete("frontends find the leader themselves, through HAProxy", "0.8"),
        "postgresql.shmall": Obsolete("PostgreSQL needs no System V shared memory any more", "1.2.5"),
        "postgresql.shmmax": Obsolete("PostgreSQL needs no System V shared memory any more", "1.2.5"),
    }
)
