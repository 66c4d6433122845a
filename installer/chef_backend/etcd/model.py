"""What etcd holds, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from chef_backend.base.errors import ChefBackendError


class EtcdUnavailable(ChefBackendError):
    """No member of etcd gives a linearizable answer: too few of them run, or the network is cut."""


@dataclass(frozen=True, slots=True)
class Value:
    """A key's content and the revision it was written at."""

    data: bytes
    revision: int


@dataclass(frozen=True, slots=True)
class Swap:
    """How a compare-and-swap went: `current` is what the key holds after it, None when it is not there."""

    won: bool
    current: Value | None


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the cluster; `name` is empty until it has started once, a learner has no vote."""

    id: int
    name: str
    peer_urls: tuple[str, ...]
    client_urls: tuple[str, ...]
    learner: bool = False


class Etcd(Protocol):
    """A cluster of etcd. Reads are linearizable; every call raises EtcdUnavailable."""

    def get(self, key: str) -> Value | None:
        """Return what a key holds."""
        ...

    def get_all(self, prefix: str) -> Mapping[str, Value]:
        """Return every key that begins so, in order."""
        ...

    def put(self, key: str, data: bytes) -> int:
        """Write a key whatever it holds; return the revision."""
        ...

    def swap(self, key: str, data: bytes, *, expected: int) -> Swap:
        """Write a key if it is still that of revision `expected`; 0 means that there is no such key."""
        ...

    def delete(self, key: str, *, expected: int) -> bool:
        """Remove a key if it is still that of revision `expected`; tell whether it was."""
        ...

    def members(self) -> tuple[Member, ...]:
        """Return the cluster's members, by name."""
        ...

    def is_healthy(self) -> bool:
        """Tell whether the first endpoint has a leader and no alarm."""
        ...

    def version(self) -> str:
        """Return the version of the first endpoint's program."""
        ...
