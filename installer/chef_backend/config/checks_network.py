"""Checks of addresses and ports."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from chef_backend.config.findings import Finding, View

_PORTS: Final = (
    "etcd.client_port",
    "etcd.peer_port",
    "postgresql.port",
    "elasticsearch.port",
    "leaderl.http_port",
)
# Elasticsearch's own protocol between nodes: firewalls of existing clusters have 9300 open.
_TRANSPORT_PORT: Final = 9300
# How it is said, which chef_backend.health finds out the cause of other findings by.
ADDRESS_GONE: Final = "is not on this node"


def check_ports(view: View) -> Iterator[Finding]:
    """No two services listen on one port."""
    taken = {_TRANSPORT_PORT: "Elasticsearch's nodes among themselves"}
    for name in _PORTS:
        port = view.number(name)
        if port in taken:
            other = (taken[port],) if taken[port] in _PORTS else ()
            yield Finding((name, *other), f"{name} is {port}, which is taken by {taken[port]}", "choose another port")
        else:
            taken[port] = name


def check_addresses(view: View) -> Iterator[Finding]:
    """publish_address is one of this node's, of the right version, and others can reach it."""
    yield from _publish_address(view)
    yield from _http_address(view)


def _publish_address(view: View) -> Iterator[Finding]:
    name, text = "publish_address", view.text("publish_address")
    names = (name, "ip_version")
    version = view.text("ip_version")
    own = ", ".join(view.facts.addresses) or "none"
    if not text:
        message = f"publish_address is not set, and this node has no address of {version} to take"
        yield Finding(names, message, f"set publish_address; this node's addresses are {own}")
        return
    address = ip_address(text)
    if f"ipv{address.version}" != version:
        message = f"publish_address {text} is of ipv{address.version}, and ip_version is '{version}'"
        yield Finding(names, message, f"set ip_version 'ipv{address.version}', or publish an address of {version}")
    elif address.is_loopback or address.is_unspecified or address.is_multicast:
        yield Finding((name,), f"no other node can reach publish_address {text}", f"this node's addresses are {own}")
    elif not _is_own(view, address):
        yield Finding((name,), f"publish_address {text} {ADDRESS_GONE}", f"this node's addresses are {own}")


def _http_address(view: View) -> Iterator[Finding]:
    name, text = "leaderl.http_address", view.text("leaderl.http_address")
    address = ip_address(text)
    if address.is_loopback:
        yield Finding((name,), f"no frontend can reach {name} {text}", "leave it out to listen on every address")
    elif not address.is_unspecified and not _is_own(view, address):
        own = ", ".join(view.facts.addresses) or "none"
        yield Finding((name,), f"{name} {text} {ADDRESS_GONE}", f"this node's addresses are {own}")
    elif view.text("ip_version") == "ipv6" and address.version != 6:  # noqa: PLR2004 - IPv6
        message = f"{name} {text} is of ipv4, and ip_version is 'ipv6'"
        yield Finding((name, "ip_version"), message, "leave it out, or write '::'")


def _is_own(view: View, address: IPv4Address | IPv6Address) -> bool:
    return any(ip_address(own.partition("%")[0]) == address for own in view.facts.addresses)
