"""What a restore on this node puts where, and what it puts aside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from chef_backend.backup.archive import Head, read_head
from chef_backend.backup.aside import Aside
from chef_backend.backup.examine import examine
from chef_backend.backup.restoration import Job
from chef_backend.backup.staging import Staging
from chef_backend.base.errors import ChefBackendError, Conflict, InvalidBackup
from chef_backend.base.folders import Access
from chef_backend.cluster.members import others
from chef_backend.cluster.ports import Holder
from chef_backend.reconfigure.machine import Machine
from chef_backend.reconfigure.membership import Membership, membership
from chef_backend.reconfigure.situation import Situation, gather
from chef_backend.resources.host import Host, Kind
from chef_backend.roles.node import Node
from chef_backend.secrets.modes import SECRETS_FILE

_CONFIG_MODE = 0o600


@dataclass(frozen=True, slots=True)
class Prepared:
    """A restore that may begin: the node as it is to be, what is put where, and where it is unpacked."""

    situation: Situation
    job: Job
    staging: Staging


def prepare(
    machine: Machine,
    archive: Path,
    staging_dir: Path | None,
    address: str,
    held: Callable[[Node], Mapping[int, Holder]],
) -> Prepared:
    """Return what a restore of this archive is; nothing is changed. Raises what `examine` does, and Conflict."""
    head = _head(archive)
    situation, config = examine(machine, head, address, held)
    staging = Staging(staging_dir or machine.paths.data)
    if staging_dir is not None:
        staging.require_empty()
    return Prepared(situation, _job(machine, archive, head, situation, config), staging)


def _head(archive: Path) -> Head:
    try:
        with archive.open("rb") as source:
            return read_head(source, archive.name)
    except OSError as error:
        raise InvalidBackup(
            f"{archive} cannot be read: {error.strerror or error}", hint="backups are in /var/opt/chef-backup"
        ) from None


def _job(machine: Machine, archive: Path, head: Head, situation: Situation, config: bytes) -> Job:
    """Return everything that is to be put in place; Conflict where an account is missing."""
    node, paths, host = situation.node, machine.paths, machine.host
    settings = node.settings
    secrets = node.secrets.document.reveal().encode()
    secrets_group = _group(host, settings.text("leaderl.runsv_group"))
    return Job(
        archive=archive,
        head=head,
        data_folder=node.folder("postgresql.data_dir"),
        owner=_owner(host, settings.text("postgresql.username")),
        files={
            paths.config: (config, _access(host, paths.config)),
            paths.secrets: (secrets, Access(0, secrets_group, SECRETS_FILE.mode)),
        },
        config=paths.config,
        before=membership(host, paths),
    )


def aside(node: Node) -> Aside:
    """Return the folders and files that are replaced: all that a cluster knows of itself."""
    folders = (node.folder("postgresql.data_dir"), node.paths.etcd / "data", node.paths.leaderl_data)
    return Aside((*folders, node.folder("elasticsearch.data_dir")), (node.paths.config, node.paths.secrets))


def companions(machine: Machine, before: Membership, node: Node) -> tuple[str, ...] | None:
    """Return the other nodes of the cluster that this node is in now; None where etcd does not tell."""
    if before is not Membership.MEMBER:
        return ()
    with suppress(ChefBackendError):  # a wrong configuration: etcd is asked where the backup says it is
        node = gather(machine).node
    return others(machine.clients.etcd(node), node.address)


def _access(host: Host, config: Path) -> Access:
    """Return what the configuration has here; where there is none nobody but root may read it."""
    found = host.observe(config)
    return Access(found.uid, found.gid, found.mode) if found.kind is Kind.FILE else Access(0, 0, _CONFIG_MODE)


def _owner(host: Host, user: str) -> Access:
    found = host.user(user)
    if found is None:
        raise Conflict(
            f"there is no user {user}, whom the backup's PostgreSQL runs as", hint=f"make it: useradd {user}"
        )
    return Access(found.uid, found.gid, 0o700)


def _group(host: Host, group: str) -> int:
    found = host.group(group)
    if found is None:
        raise Conflict(f"there is no group {group}, which the backup's leaderl runs in", hint=f"groupadd {group}")
    return found
