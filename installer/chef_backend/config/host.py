"""Looks at this node for its facts."""

from __future__ import annotations

import os
import re
import socket
from ipaddress import IPv6Address
from pathlib import Path

from chef_backend.base.errors import ChefBackendError
from chef_backend.config.facts import HostFacts

_LOCAL_V4 = re.compile(r"\|-- (\d+\.\d+\.\d+\.\d+)\n\s+/32 host LOCAL")
_MEMORY = re.compile(r"^MemTotal:\s+(\d+) kB$", re.MULTILINE)
# Addresses for documentation: connecting a datagram socket sends nothing, but asks the routing table.
_FAR_V4 = "192.0.2.1"
_FAR_V6 = "2001:db8::1"


def read_host(postgresql_major: str, proc: Path = Path("/proc")) -> HostFacts:
    """Return the facts of this node; the address that its default route leaves from comes first."""
    text = _read(proc / "meminfo")
    if not text:
        raise ChefBackendError(f"{proc} is not mounted here", hint=f"mount -t proc proc {proc}")
    found = _MEMORY.search(text)
    if found is None:
        raise ChefBackendError(f"{proc}/meminfo does not say how much memory there is")
    v4 = local_v4(_read(proc / "net/fib_trie"))
    v6 = local_v6(_read(proc / "net/if_inet6"))
    return HostFacts(
        memory_bytes=int(found[1]) * 1024,
        cpu_count=os.cpu_count() or 1,
        fqdn=_fqdn(),
        addresses=(*_first(v4, _source(socket.AF_INET, _FAR_V4)), *_first(v6, _source(socket.AF_INET6, _FAR_V6))),
        postgresql_major=postgresql_major,
    )


def local_v4(fib_trie: str) -> tuple[str, ...]:
    """Return the IPv4 addresses that the kernel's routing table calls local, in its order."""
    return tuple(dict.fromkeys(_LOCAL_V4.findall(fib_trie)))


def local_v6(if_inet6: str) -> tuple[str, ...]:
    """Return the IPv6 addresses of all interfaces; see proc(5)."""
    return tuple(str(IPv6Address(bytes.fromhex(line.split()[0]))) for line in if_inet6.splitlines() if line.strip())


def _fqdn() -> str:
    name = socket.getfqdn()
    return socket.gethostname() if name.startswith("localhost") else name


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:  # a kernel without IPv6
        return ""


def _source(family: socket.AddressFamily, far: str) -> str:
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((far, 9))
            return str(probe.getsockname()[0])
    except OSError:  # no route, or no such protocol
        return ""


def _first(addresses: tuple[str, ...], preferred: str) -> tuple[str, ...]:
    return tuple(sorted(addresses, key=lambda each: each != preferred))
