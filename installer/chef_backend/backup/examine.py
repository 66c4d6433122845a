"""Whether a backup can be restored on this node: asked before anything is changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Final

from chef_backend.backup.address import states_address, with_address
from chef_backend.backup.archive import Head
from chef_backend.backup.manifest import CONFIG
from chef_backend.base.errors import Conflict, InvalidBackup
from chef_backend.cluster.ports import Holder
from chef_backend.cluster.preconditions import require_all_services, require_ports
from chef_backend.config.facts import HostFacts
from chef_backend.config.load import load
from chef_backend.reconfigure.database import require_tls
from chef_backend.reconfigure.files import plan_files
from chef_backend.reconfigure.identity import identity, read_guid
from chef_backend.reconfigure.machine import Machine
from chef_backend.reconfigure.membership import Membership
from chef_backend.reconfigure.situation import Situation
from chef_backend.resources.apply import read_receipt
from chef_backend.roles.node import Node
from chef_backend.secrets.generate import Entropy, complete
from chef_backend.secrets.model import CLUSTER_NAME, INITIAL_CLUSTER_TOKEN, Secrets
from chef_backend.secrets.parse import parse

# A new cluster has these of its own: nodes of the old one that still run must not take it for theirs.
_NEW: Final = (INITIAL_CLUSTER_TOKEN, CLUSTER_NAME)


def new_secrets(content: bytes, source: str, entropy: Entropy) -> Secrets:
    """Return a backup's secrets for a new cluster: the same passwords, and a name and an etcd token of its own."""
    document = parse(content, source)
    for section, key in _NEW:
        document.get(section, {}).pop(key, None)
    secrets, made = complete(document, entropy)
    missing = set(made) - {".".join(place) for place in _NEW}
    if missing:
        raise InvalidBackup(f"{source} lacks {', '.join(sorted(missing))}, which its PostgreSQL was made with")
    return secrets


def new_config(head: Head, facts: HostFacts, address: str) -> bytes:
    """Return a backup's chef-backend.rb for this node, with another `address` where one is given. Raises Conflict."""
    text = head.config.decode()
    if address:
        return with_address(text, address).encode()
    origin = head.manifest.origin
    if states_address(text) and origin.address not in facts.addresses:
        raise Conflict(
            f"the backup is of {origin.node} at {origin.address}, which is no address of this node",
            hint=f"add --publish-address {facts.first_address(ip_address(origin.address).version) or 'IP'}",
        )
    return head.config


def examine(
    machine: Machine, head: Head, address: str, held: Callable[[Node], Mapping[int, Holder]]
) -> tuple[Situation, bytes]:
    """Return the node as it is to be made, and its chef-backend.rb; nothing is changed.

    Raises Conflict, InvalidBackup, ConfigInvalid, InvalidSecrets, NotPermitted.
    """
    host, paths, facts = machine.host, machine.paths, machine.sources.facts()
    origin = head.manifest.origin
    if origin.major != facts.postgresql_major:
        raise Conflict(
            f"the backup is of PostgreSQL {origin.postgresql}, and {facts.postgresql_major} is installed",
            hint=f"install the package that made it: chef-backend {origin.software}",
        )
    config = new_config(head, facts, address)
    settings = load(config.decode(), facts, f"{CONFIG} of the backup")
    node = Node(
        settings=settings,
        secrets=new_secrets(head.secrets, "the backup's secrets", machine.entropy),
        facts=facts,
        paths=paths,
        identity=identity(read_guid(host, paths), settings, machine.entropy),
        version=machine.version,
    )
    warnings = tuple(str(problem) for problem in settings.warnings)
    situation = Situation(node, Membership.CREATING, read_receipt(host, paths.receipt), warnings)
    require_all_services(situation)
    require_tls(machine, node)
    require_ports(node, held(node))
    plan_files(machine, situation, enable=False)
    return situation, config
