"""etcd on a node: its folder, and its service with an environment of ETCD_… variables.

https://etcd.io/docs/v3.5/op-guide/configuration/
"""

from __future__ import annotations

import hashlib
from typing import Final

from chef_backend.resources.model import Directory, Resource
from chef_backend.roles.accounts import SEARCH
from chef_backend.roles.node import Node, url
from chef_backend.roles.supervision import Service, definition, restarts

SERVICE: Final = "etcd"
# ionice(1): these classes have levels; "idle" and "none" have not.
_WITH_LEVEL: Final = frozenset({1, 2})


def etcd(node: Node) -> list[Resource]:
    """Return everything that etcd needs on this node."""
    return [
        Directory(path=node.paths.etcd, owner=SEARCH, group=SEARCH, mode=0o700),
        Directory(path=node.paths.etcd / "data", owner=SEARCH, group=SEARCH, mode=0o700),
        *definition(node, service(node)),
    ]


def service(node: Node) -> Service:
    """Return the service."""
    kind, level = (node.settings.integer(f"etcd.ionice.{each}") for each in ("class", "level"))
    return Service(
        name=SERVICE,
        run="etcd.sh.j2",
        user=SEARCH,
        group=SEARCH,
        values={"ionice": f"-c {kind} -n {level}" if kind in _WITH_LEVEL else f"-c {kind}"},
        environment=environment(node),
        effects=restarts(SERVICE),
    )


def environment(node: Node) -> dict[str, str]:
    """Return etcd's variables; those of the initial cluster count only while its data directory is empty."""
    settings = node.settings
    client, peer = (settings.integer(f"etcd.{each}_port") for each in ("client", "peer"))
    listen = dict.fromkeys((url(node.address, client), url(node.loopback, client)))
    return {
        "ETCD_NAME": node.identity.guid,
        "ETCD_DATA_DIR": str(node.paths.etcd / "data"),
        "ETCD_LISTEN_CLIENT_URLS": ",".join(listen),
        "ETCD_ADVERTISE_CLIENT_URLS": url(node.address, client),
        "ETCD_LISTEN_PEER_URLS": url(node.address, peer),
        "ETCD_INITIAL_ADVERTISE_PEER_URLS": url(node.address, peer),
        "ETCD_INITIAL_CLUSTER": ",".join(f"{each.guid}={url(each.address, peer)}" for each in node.cluster),
        "ETCD_INITIAL_CLUSTER_STATE": "existing" if node.joining else "new",
        "ETCD_INITIAL_CLUSTER_TOKEN": _token(node),
        "ETCD_HEARTBEAT_INTERVAL": str(settings.integer("etcd.heartbeat_interval")),
        "ETCD_ELECTION_TIMEOUT": str(settings.integer("etcd.election_timeout")),
        "ETCD_SNAPSHOT_COUNT": str(settings.integer("etcd.snapshot_count")),
        # Frontends look for the members at /v2/members.
        "ETCD_ENABLE_V2": "true",
        # leaderl renews its keys every few seconds: without this their history would fill the database.
        "ETCD_AUTO_COMPACTION_MODE": "periodic",
        "ETCD_AUTO_COMPACTION_RETENTION": "1h",
    }


def _token(node: Node) -> str:
    """Return what tells this cluster from others, alike on all nodes: etcd logs it, so it is not the secret itself."""
    return hashlib.sha256(node.secrets.initial_cluster_token.reveal().encode()).hexdigest()
