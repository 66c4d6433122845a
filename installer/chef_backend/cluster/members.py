"""The nodes of this node's cluster, as etcd knows them now."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from chef_backend.etcd.model import Etcd, EtcdUnavailable, Member


def addresses(members: Iterable[Member], own: str) -> tuple[str, ...]:
    """Return the addresses of the members that have started, this node's `own` among them, in their order. Pure."""
    found = {urlsplit(member.peer_urls[0]).hostname for member in members if member.name and member.peer_urls}
    known = {ip_address(address) for address in (*found, own) if address}
    return tuple(str(address) for address in sorted(known, key=lambda each: (each.version, int(each))))


def others(etcd: Etcd, own: str) -> tuple[str, ...] | None:
    """Return the addresses of all nodes but this one, None where etcd does not tell."""
    try:
        found = addresses(etcd.members(), own)
    except EtcdUnavailable:
        return None
    return tuple(address for address in found if ip_address(address) != ip_address(own))
