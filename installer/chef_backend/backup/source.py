"""What a backup of this node is made of, where one may be made."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from chef_backend.backup.allowed import require_allowed
from chef_backend.backup.make import Source
from chef_backend.backup.manifest import Origin
from chef_backend.base.errors import Conflict, NotAMember
from chef_backend.base.paths import Paths
from chef_backend.base.plural import counted
from chef_backend.cluster.members import others
from chef_backend.reconfigure.machine import Machine
from chef_backend.reconfigure.membership import Membership
from chef_backend.reconfigure.situation import Situation
from chef_backend.resources.host import Kind
from chef_backend.roles.node import Node

_TABLESPACES: Final = "pg_tblspc"
# The system's own in a data directory that is a file system; its owner is root, and no server may read it.
_CLOSED: Final = "lost+found"


def examine(machine: Machine, situation: Situation, *, force: bool) -> Source:
    """Return what is to be packed; nothing is changed. Raises NotAMember, Conflict, DatabaseUnavailable."""
    node = situation.node
    if situation.membership is not Membership.MEMBER:
        raise NotAMember("this node is in no cluster, so there is nothing to make a backup of")
    _require_whole(machine, node)
    database = machine.clients.database(node)
    leads = not database.in_recovery()
    require_allowed(leads=leads, others=others(machine.clients.etcd(node), node.address), force=force)
    origin = Origin(
        made_at=machine.clock.now(),
        software=node.version,
        postgresql=database.running()["server_version"].value,
        major=node.facts.postgresql_major,
        node=node.identity.name,
        address=node.address,
        leader=leads,
    )
    return Source(
        origin=origin,
        config=_config(machine.paths),
        secrets=node.secrets.document,
        data_folder=node.folder("postgresql.data_dir"),
    )


def _require_whole(machine: Machine, node: Node) -> None:
    unsynced = machine.paths.unsynced
    if machine.host.observe(unsynced).kind is not Kind.MISSING:
        raise Conflict(
            f"this node's data is no whole copy of the leader's: {unsynced} is there; nothing was done",
            hint="make the backup on another node",
        )
    data = node.folder("postgresql.data_dir")
    closed = data / _CLOSED
    if machine.host.observe(closed).kind is not Kind.MISSING:
        raise Conflict(
            f"PostgreSQL copies no data directory with {closed} in it, which it may not read; nothing was done",
            hint=f"rmdir {closed}, which fsck makes anew when it has found something",
        )
    spaces = machine.host.list_folder(data / _TABLESPACES)
    if spaces:
        raise Conflict(
            f"{counted(len(spaces), 'tablespace')} outside of PostgreSQL's data directory: no backup takes them",
            hint="move what is in them into the default one: alter table ... set tablespace pg_default",
        )


def _config(paths: Paths) -> bytes:
    with suppress(FileNotFoundError):
        return paths.config.read_bytes()
    return b""
