"""Whether PostgreSQL can serve those who replicate with what is set: it would not start with less than its slots."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from chef_backend.base.errors import Conflict
from chef_backend.postgresql.control import DatabaseUnavailable
from chef_backend.postgresql.slots import FOLDER, STATE, Slot, parse_slot, too_little
from chef_backend.reconfigure.machine import Machine
from chef_backend.roles.node import Node


def require_enough(machine: Machine, node: Node) -> None:
    """Raise Conflict with all that is in use and would not be there any more; nothing is changed."""
    senders = 0
    with suppress(DatabaseUnavailable):  # nobody replicates from a server that does not run
        senders = machine.clients.database(node).senders()
    problems = list(too_little(node.settings, list(_slots(machine, node)), senders))
    if problems:
        raise Conflict(
            "\n  ".join(["PostgreSQL could not go on with this after a restart; nothing was changed:", *problems]),
            hint="set as much as is in use, or end what is not needed any more, a slot with: "
            "select pg_drop_replication_slot('NAME')",
        )


def _slots(machine: Machine, node: Node) -> Iterator[Slot]:
    folder = node.folder("postgresql.data_dir") / FOLDER
    for name in machine.host.list_folder(folder):
        slot = parse_slot(machine.host.observe(folder / name / STATE).content)
        if slot is not None:
            yield slot
