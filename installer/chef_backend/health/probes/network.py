"""The network: ports, the host's name, and the address that others use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_address

from chef_backend.cluster.ports import conflicts
from chef_backend.health.codes import ADDRESS, HOST_NAME, PORTS
from chef_backend.health.finding import Finding
from chef_backend.health.wanted import Wanted
from chef_backend.health.world import World


def ports(world: World, wanted: Wanted) -> Iterator[Finding]:
    """Yield a finding for each port that somebody else has, or one that none is."""
    taken = conflicts(wanted.ports, world.holders(wanted.ports), wanted.embedded)
    for port, holder in taken.items():
        yield PORTS.critical(
            f"{port} is taken by {holder.program.rpartition('/')[2] or 'another'}",
            evidence=f"port {port} is needed by {wanted.ports[port]}, and {holder} listens on it",
            fix=f"ss -ltnp 'sport = :{port}'",
        )
    if not taken:
        yield PORTS.fine(", ".join(map(str, sorted(wanted.ports))))


def host_name(world: World, wanted: Wanted) -> Iterator[Finding]:
    """Yield where the node's name leads."""
    yield name(wanted.fqdn, world.addresses_of(wanted.fqdn), wanted.facts.addresses, wanted.publish_address)


def name(fqdn: str, found: Sequence[str], own: Sequence[str], publish: str) -> Finding:
    """Judge the addresses that the name leads to."""
    add = f"echo '{publish} {fqdn}' >> /etc/hosts" if publish else ""
    if not found:
        return HOST_NAME.warning(f"{fqdn} is unknown", fix=add)
    if any(_is_own(each, own) for each in found):
        return HOST_NAME.fine(fqdn, evidence=", ".join(found))
    return HOST_NAME.warning(f"{fqdn} is {found[0]}", evidence=f"this node has {', '.join(own)}", fix=add)


def address(_world: World, wanted: Wanted) -> Iterator[Finding]:
    """Yield whether others can be told this node's address."""
    yield published(wanted.publish_address, wanted.facts.addresses)


def published(text: str, own: Sequence[str]) -> Finding:
    """Judge publish_address."""
    if text and _is_own(text, own) and not ip_address(text).is_loopback:
        return ADDRESS.fine(text)
    return ADDRESS.critical(text or "none", evidence=f"this node has {', '.join(own) or 'none'}")


def _is_own(text: str, own: Sequence[str]) -> bool:
    asked = ip_address(text.partition("%")[0])
    return asked.is_loopback or any(asked == ip_address(each.partition("%")[0]) for each in own)
