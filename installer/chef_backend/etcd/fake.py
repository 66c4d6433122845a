"""An etcd in memory, with the real one's revisions; cut off by a test, or by losing an answer on the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from chef_backend.etcd.model import EtcdUnavailable, Member, Swap, Value

# The log of etcd 3.5.35 whose first start was killed at once; 64 MB of zeros follow there.
BEGUN_LOG: Final = (
    bytes.fromhex("0400000000000084 08041000 00000000")  # checksum
    + bytes.fromhex("1d00000000000083 0801108d9cf9161a1408c0c0caafc1ba96892e1087d5edba8fd59dc104 000000")  # metadata
    + bytes.fromhex("0e00000000000082 080510878cc58d0d1a0408001000 0000")  # snapshot
    + bytes(64)
)


@dataclass(slots=True)
class FakeEtcd:
    """Clients of one cluster share `keys`; `available` is this client's own connection."""

    keys: dict[str, Value] = field(default_factory=dict)
    cluster: tuple[Member, ...] = ()
    available: bool = True
    lose_next_answer: bool = False
    revisions: list[int] = field(default_factory=lambda: [1])

    def client(self) -> FakeEtcd:
        """Return another client of the same cluster."""
        return FakeEtcd(self.keys, self.cluster, revisions=self.revisions)

    def get(self, key: str) -> Value | None:
        """See Etcd."""
        self._reach()
        return self.keys.get(key)

    def get_all(self, prefix: str) -> Mapping[str, Value]:
        """See Etcd."""
        self._reach()
        return {key: value for key, value in sorted(self.keys.items()) if key.startswith(prefix)}

    def put(self, key: str, data: bytes) -> int:
        """See Etcd."""
        self._reach()
        self._write(key, data)
        self._answer()
        return self.keys[key].revision

    def swap(self, key: str, data: bytes, *, expected: int) -> Swap:
        """See Etcd."""
        self._reach()
        won = self._revision(key) == expected
        if won:
            self._write(key, data)
        self._answer()
        return Swap(won, self.keys.get(key))

    def delete(self, key: str, *, expected: int) -> bool:
        """See Etcd."""
        self._reach()
        matched = self._revision(key) == expected
        if matched and key in self.keys:
            self.revisions[0] += 1
            del self.keys[key]
        self._answer()
        return matched

    def members(self) -> tuple[Member, ...]:
        """See Etcd."""
        self._reach()
        return self.cluster

    def is_healthy(self) -> bool:
        """See Etcd."""
        return self.available

    def version(self) -> str:
        """See Etcd."""
        self._reach()
        return "3.5.0"

    def _revision(self, key: str) -> int:
        return self.keys[key].revision if key in self.keys else 0

    def _write(self, key: str, data: bytes) -> None:
        self.revisions[0] += 1
        self.keys[key] = Value(data, self.revisions[0])

    def _reach(self) -> None:
        if not self.available:
            raise EtcdUnavailable("http://127.0.0.1:2379: no connection")

    def _answer(self) -> None:
        if self.lose_next_answer:
            self.lose_next_answer = False
            raise EtcdUnavailable("http://127.0.0.1:2379: no answer")
