"""A maker of certificates in memory: each has a number, and a time at which it ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from chef_backend.base.secret import Secret
from chef_backend.resources.host import Host, Kind
from chef_backend.tls.due import Facts
from chef_backend.tls.openssl import Pair
from chef_backend.tls.request import Request


@dataclass(slots=True)
class FakeMaker:
    """Looks at what is on a host; `ends_at` is when those that it makes end, in seconds of the epoch."""

    host: Host
    ends_at: float
    unknown: frozenset[str] = frozenset()
    unreadable: frozenset[Path] = frozenset()
    made: list[Request] = field(default_factory=list)

    def look(self, certificate: Path, key: Path) -> Facts:
        """See Maker: a key belongs to the certificate of its number."""
        one, other = self.host.observe(certificate), self.host.observe(key)
        numbers = [each.content.decode().partition(" ")[2] for each in (one, other)]
        return Facts(
            has_certificate=one.kind is Kind.FILE,
            has_key=other.kind is Kind.FILE,
            ends_at=self.ends_at if numbers[0] else None,
            matches=numbers[0] == numbers[1],
            key_uid=other.uid,
            key_mode=other.mode,
        )

    def make(self, request: Request) -> Pair:
        """See Maker."""
        self.made.append(request)
        return Pair(Secret(f"KEY {len(self.made)}"), f"CERTIFICATE {len(self.made)}".encode())

    def knows(self, ciphers: str) -> bool:
        """See Maker."""
        return ciphers not in self.unknown

    def may_read(self, path: Path, user: str) -> bool:  # noqa: ARG002 - the same for all
        """See Maker."""
        return path not in self.unreadable
