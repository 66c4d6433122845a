"""The host as the probes see it; nothing here changes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from chef_backend.cluster.ports import Holder


@dataclass(frozen=True, slots=True)
class Disk:
    """The file system that a path is on, or will be: `place` is the part of the path that exists, without links.

    File systems that make inodes as they go have none to count: `inodes` is 0.
    """

    place: Path
    free_mb: int
    inodes: int
    free_inodes: int


class World(Protocol):
    """What can be looked at. A question that may take long is bounded by who asks it."""

    def read(self, path: str) -> str:
        """Return a file's text, "" where there is none or it may not be read."""
        ...

    def programs(self) -> frozenset[str]:
        """Return the names of what runs, cut after 15 characters as the kernel has them."""
        ...

    def asked(self, *argv: str) -> str | None:
        """Return what a program writes, None where there is no such program or it fails."""
        ...

    def disk(self, path: Path) -> Disk:
        """Look at the disk of a path; OSError where it does not answer."""
        ...

    def sync_times_s(self, path: Path) -> tuple[float, ...]:
        """Write a few times to the disk of a path, wait for each to be on it, and return how long each took."""
        ...

    def addresses_of(self, name: str) -> tuple[str, ...]:
        """Return what a host name leads to, nothing where it is not known."""
        ...

    def clock_error_s(self) -> float | None:
        """Return how far the clock may be off by what the kernel was told, None where it does not say."""
        ...

    def holders(self, ports: Iterable[int]) -> Mapping[int, Holder]:
        """Return who listens on those of the ports that are taken."""
        ...

    def page(self, address: str) -> str:
        """Return the text at an http address of this node, "" where nobody answers."""
        ...

    def knows_user(self, name: str) -> bool:
        """Tell whether there is an account of that name, local or of a directory service."""
        ...
