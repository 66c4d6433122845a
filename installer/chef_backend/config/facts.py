"""What the defaults and the checks need to know about this node."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address


@dataclass(frozen=True, slots=True)
class HostFacts:
    """One node as it is: `addresses` are all its own, the one that leads outside first."""

    memory_bytes: int
    cpu_count: int
    fqdn: str
    addresses: tuple[str, ...]
    postgresql_major: str

    @property
    def memory_mb(self) -> int:
        """Whole units of 2**20 bytes."""
        return self.memory_bytes // 2**20

    def first_address(self, version: int) -> str:
        """Return the first address of IPv4 or IPv6 that other nodes can reach; empty when there is none."""
        for text in self.addresses:
            address = ip_address(text.partition("%")[0])
            if address.version == version and not (address.is_loopback or address.is_link_local):
                return text
        return ""
