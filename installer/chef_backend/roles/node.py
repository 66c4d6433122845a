"""One node as the roles see it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from chef_backend.base.paths import Paths
from chef_backend.config.facts import HostFacts
from chef_backend.config.model import Settings
from chef_backend.postgresql.conf import Certificate
from chef_backend.postgresql.versions import Version, version
from chef_backend.secrets.model import Secrets


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this node is: 32 lower-case hex digits, which are its name in etcd, and its name for people."""

    guid: str
    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """A node of the cluster as the others reach it."""

    guid: str
    address: str


@dataclass(frozen=True, slots=True)
class Node:
    """Everything that the desired state follows from; without `members` the cluster is this node alone.

    `joining` says that the cluster of `members` exists, and etcd is to join it; `is_member` that this node is in one.
    """

    settings: Settings
    secrets: Secrets
    facts: HostFacts
    paths: Paths
    identity: Identity
    version: str
    members: tuple[Member, ...] = ()
    joining: bool = False
    is_member: bool = False

    @property
    def cluster(self) -> tuple[Member, ...]:
        """Every member, this node among them."""
        return self.members or (Member(self.identity.guid, self.address),)

    @property
    def address(self) -> str:
        """The address that this node is reached at."""
        return self.settings.text("publish_address")

    @property
    def loopback(self) -> str:
        """The address that only this node itself reaches."""
        return "::1" if self.settings.text("ip_version") == "ipv6" else "127.0.0.1"

    @property
    def postgresql(self) -> Version:
        """What the installed PostgreSQL calls things."""
        return version(self.facts.postgresql_major)

    @property
    def socket_folder(self) -> Path:
        """Where PostgreSQL's socket is: a folder that only its own user writes to, unlike /tmp."""
        return self.paths.postgresql(self.facts.postgresql_major) / "socket"

    @property
    def certificate(self) -> Certificate:
        """PostgreSQL's certificate: the operator's own, or the one that is made here."""
        own, key = (self.settings.text_or_none(f"ssl.{name}") for name in ("certificate", "certificate_key"))
        if own and key:
            return Certificate(self.place(own), self.place(key))
        folder = self.folder("ssl.data_dir")
        return Certificate(folder / "postgresql.crt", folder / "postgresql.key")

    def folder(self, setting: str) -> Path:
        """Return the path that a setting names."""
        return self.place(self.settings.text(setting))

    def place(self, path: str) -> Path:
        """Return a path of the configuration on this node."""
        return self.paths.root / path.lstrip("/")


def url(address: str, port: int) -> str:
    """Return http://address:port, with brackets around an IPv6 address."""
    host = f"[{address}]" if ip_address(address).version == 6 else address  # noqa: PLR2004 - IPv6
    return f"http://{host}:{port}"
