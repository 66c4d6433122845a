"""Replication slots as a data directory has them, whether its server runs or not. Pure."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from chef_backend.config.model import Settings

FOLDER: Final = "pg_replslot"
STATE: Final = "state"
# ReplicationSlotOnDisk, the same from 9.4 to 17: magic, checksum, version, length, name, database, persistency.
# https://doxygen.postgresql.org/slot_8c_source.html
_LAYOUT: Final = struct.Struct("=4I64sIi")
_MAGIC: Final = 0x1051CA1
_PERSISTENT: Final = 0


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot that stays when its server ends; a logical one belongs to a database."""

    name: str
    is_logical: bool = False


def parse_slot(state: bytes) -> Slot | None:
    """Return what a slot's state file says; None for a slot that goes with its connection, and for another file."""
    if len(state) < _LAYOUT.size:
        return None
    magic, *_, name, database, persistency = _LAYOUT.unpack_from(state)
    if magic != _MAGIC or persistency != _PERSISTENT:
        return None
    return Slot(name.rstrip(b"\0").decode("utf-8", "replace"), is_logical=bool(database))


def too_little(settings: Settings, slots: Sequence[Slot], senders: int) -> Iterator[str]:
    """Yield what is set of replication to less than there are slots and replicating connections now."""
    most = settings.integer("postgresql.max_replication_slots")
    if most < len(slots):
        names = ", ".join(slot.name for slot in slots)
        yield f"postgresql.max_replication_slots is {most}, and there are {len(slots)} slots: {names}"
    logical = [slot.name for slot in slots if slot.is_logical]
    level = settings.text("postgresql.wal_level")
    if logical and level != "logical":
        yield f"postgresql.wal_level is {level}, and there are logical slots: {', '.join(logical)}"
    connections = settings.integer("postgresql.max_wal_senders")
    if connections < senders:
        yield f"postgresql.max_wal_senders is {connections}, and {senders} connections replicate now"
