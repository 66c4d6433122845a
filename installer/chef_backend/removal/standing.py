"""What a node is to its cluster, and whether it may be cleansed: asked before anything is changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from chef_backend.base.errors import AlreadyConfigured
from chef_backend.base.paths import Paths
from chef_backend.etcd.client import HttpEtcd
from chef_backend.etcd.model import EtcdUnavailable, Member
from chef_backend.reconfigure.recorded import LastSettings
from chef_backend.resources.host import Host
from chef_backend.roles.node import url

_TIMEOUT_S: Final = 3.0
_CLIENT_PORT: Final = 2379
_PEER: Final = re.compile(r"([0-9a-f]{32})=https?://(?:\[([0-9a-fA-F:]+)\]|([0-9.]+)):\d+")

# Asks etcd at these endpoints, until one answers, for the members of its cluster; None when none does.
Ask = Callable[[Sequence[str]], tuple[Member, ...] | None]


class Standing(Enum):
    """What a node is to its cluster."""

    FREE = "in no cluster"
    ALONE = "the only member"
    AMONG = "one of several members"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Peer:
    """Another node of the cluster that this one joined."""

    guid: str
    address: str


@dataclass(frozen=True, slots=True)
class Consent:
    """What the operator has allowed: to leave the others with a dead member; to delete what may be the last copy."""

    orphan: bool = False
    last_copy: bool = False


def standing(guid: str, peers: Sequence[Peer], members: Sequence[Member] | None) -> Standing:
    """Return what a node with a cluster's data is to it, from what etcd answered. Pure.

    A node that its peers have removed is free, whatever its own disk says; but what answers at a peer's address may be
    of another cluster by now.
    """
    names = {member.name for member in members or ()}
    if guid and guid in names:
        return Standing.ALONE if len(names) == 1 else Standing.AMONG
    is_ours = any(peer.guid in names for peer in peers)
    return Standing.FREE if guid and is_ours else Standing.UNKNOWN


def require_consent(found: Standing, consent: Consent) -> None:
    """Return when a node may be cleansed; AlreadyConfigured, with the way on, otherwise. Pure."""
    match found:
        case Standing.AMONG if not consent.orphan:
            raise AlreadyConfigured(
                "other nodes count this one as a member of their cluster; nothing was changed",
                hint="have them remove it first, with this node stopped; where that is not possible, add --orphan, and "
                "they will wait for a member that never comes back",
            )
        case Standing.ALONE if not consent.last_copy:
            raise AlreadyConfigured(
                "this node is the only one of its cluster, so its data is nowhere else; nothing was changed",
                hint="take a backup and carry it away (chef-backend-ctl backup); then add --last-copy",
            )
        case Standing.UNKNOWN if not consent.last_copy:
            raise AlreadyConfigured(
                "this node holds a cluster's data, and no etcd answers to say who else is in that cluster: it may be "
                "the last copy; nothing was changed",
                hint="start it (chef-backend-ctl start) and run this again; if the others have removed this node "
                "already, or nobody needs the data, add --last-copy",
            )
        case _:
            return


def peers(host: Host, paths: Paths, guid: str) -> tuple[Peer, ...]:
    """Return the other nodes of the cluster that this one joined, as its etcd was told then."""
    told = host.observe(paths.sv / "etcd/env/ETCD_INITIAL_CLUSTER").content.decode(errors="replace")
    return tuple(Peer(each, six or four) for each, six, four in _PEER.findall(told) if each != guid)


def endpoints(others: Sequence[Peer], settings: LastSettings) -> tuple[str, ...]:
    """Return where etcd may answer: on this node, then on the others. Pure."""
    port = settings.number("etcd.client_port", _CLIENT_PORT)
    return tuple(url(address, port) for address in ("127.0.0.1", "::1", *(peer.address for peer in others)))


def ask_etcd(at: Sequence[str]) -> tuple[Member, ...] | None:
    """Return the members as the first endpoint that answers knows them. See Ask."""
    for endpoint in at:
        try:
            return HttpEtcd([endpoint], _TIMEOUT_S).members()
        except EtcdUnavailable:
            continue
    return None
