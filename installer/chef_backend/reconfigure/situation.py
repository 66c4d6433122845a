"""What is wanted of this node and what it is, read before the first change; every mistake ends it here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from chef_backend.base.errors import Conflict
from chef_backend.base.paths import Paths
from chef_backend.reconfigure.fixed import require_unchanged
from chef_backend.reconfigure.identity import identity, read_guid
from chef_backend.reconfigure.machine import Machine
from chef_backend.reconfigure.membership import Membership, membership
from chef_backend.reconfigure.recorded import last_settings
from chef_backend.resources.apply import read_receipt
from chef_backend.resources.host import Host, Kind
from chef_backend.resources.receipt import Receipt
from chef_backend.roles.node import Node
from chef_backend.roles.supervision import SERVICES


@dataclass(frozen=True, slots=True)
class Situation:
    """The node as it is to be, and as it is now; `warnings` are for the operator."""

    node: Node
    membership: Membership
    receipt: Receipt
    warnings: tuple[str, ...] = ()

    @property
    def services(self) -> tuple[str, ...]:
        """The services that the settings enable, in the order of their start."""
        return tuple(name for name in SERVICES if self.node.settings.flag(f"{name}.enable"))

    def as_member(self) -> Situation:
        """Return the same, with the node as it is once it is a member."""
        return replace(self, node=replace(self.node, is_member=True))


def gather(machine: Machine) -> Situation:
    """Read everything. Raises ConfigInvalid, InvalidSecrets, NotPermitted, Conflict; nothing is changed."""
    host, paths = machine.host, machine.paths
    facts = machine.sources.facts()
    settings = machine.sources.settings(facts)
    found = membership(host, paths)
    if found is Membership.RESTORING:
        raise Conflict(
            "a restore was interrupted on this node, and its data is not in place",
            hint="run chef-backend-ctl restore again: it puts back what was there, and begins anew",
        )
    receipt = read_receipt(host, paths.receipt)
    configured = found is not Membership.NONE

    def is_ours(content: bytes) -> bool:
        digest = hashlib.sha256(content).hexdigest()
        return any(entry.sha256 == digest for entry in receipt.entries.get(paths.secrets, ()))

    loaded = machine.sources.secrets(configured=configured, is_ours=is_ours)
    guid = read_guid(host, paths)
    if configured and not guid:
        raise Conflict(
            f"{paths.identity} is gone, and this node is in a cluster, which knows it by what was in it",
            hint=f'write {{"format": 1, "guid": "..."}} into it, with the guid of {paths.leaderl_config}',
        )
    node = Node(
        settings=settings,
        secrets=loaded.secrets,
        facts=facts,
        paths=paths,
        identity=identity(guid, settings, machine.entropy),
        version=machine.version,
        is_member=found is Membership.MEMBER,
    )
    check_data(host, node)
    if node.is_member:
        require_unchanged(last_settings(host, paths).settings, settings)
    warnings = [str(problem) for problem in settings.warnings]
    return Situation(node, found, receipt, (*warnings, *([loaded.warning] if loaded.warning else [])))


def check_data(host: Host, node: Node) -> None:
    """Raise Conflict where this node's data is of a PostgreSQL that is not the installed one."""
    wanted = node.facts.postgresql_major
    folder = node.folder("postgresql.data_dir")
    found = data_version(host, folder / "PG_VERSION")
    others = [] if found or not node.is_member else _other_versions(host, node.paths, wanted)
    if found and found != wanted:
        others = [found]
    if others:
        raise Conflict(
            f"this node's data is PostgreSQL {others[0]}'s, and PostgreSQL {wanted} is installed; nothing was changed",
            hint="install the package that this node had before, or move the data away if it is not needed",
        )


def data_version(host: Host, path: Path) -> str:
    """Return the text of a PG_VERSION, "" when there is none."""
    return host.observe(path).content.decode(errors="replace").strip()


def _other_versions(host: Host, paths: Paths, wanted: str) -> list[str]:
    folder = paths.data / "postgresql"
    names = [name for name in host.list_folder(folder) if name != wanted]
    return [name for name in names if host.observe(paths.postgresql_data(name) / "PG_VERSION").kind is Kind.FILE]
