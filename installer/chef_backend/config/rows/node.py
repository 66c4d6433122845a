"""Settings of the node itself."""

from __future__ import annotations

from chef_backend.config.facts import HostFacts
from chef_backend.config.kinds.network import Address, HostName
from chef_backend.config.kinds.simple import Choice, Flag
from chef_backend.config.setting import Lookup, Rule, Setting, reload, restart


def _publish_address(facts: HostFacts, lookup: Lookup) -> str:
    return facts.first_address(6 if lookup("ip_version") == "ipv6" else 4)


ROWS = (
    Setting(
        "fqdn",
        HostName(),
        Rule(lambda facts, _lookup: facts.fqdn.lower(), "the host's name"),
        "Host name of this node.",
        restart("elasticsearch") | reload("leaderl"),
        per_node=True,
    ),
    Setting(
        "hide_sensitive",
        Flag(),
        default=True,
        meaning="Set to false to see the changes of files that hold passwords during `reconfigure`.",
        per_node=True,
    ),
    Setting(
        "ip_version",
        Choice(("ipv4", "ipv6")),
        "ipv4",
        "The version of IP that the nodes reach each other by.",
        restart("etcd", "elasticsearch") | reload("leaderl"),
    ),
    Setting(
        "publish_address",
        Address(),
        Rule(_publish_address, "the first address that leads outside"),
        "Address of this node that the other nodes and the frontends reach it at.",
        restart("etcd", "elasticsearch") | reload("leaderl"),
        per_node=True,
    ),
)
