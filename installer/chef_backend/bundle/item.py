"""What can go into a bundle: where it is put, where it comes from, and the most that it may take. Plain values."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from chef_backend.base.errors import ChefBackendError

MIB: Final = 1 << 20
QUICK_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Program:
    """What a program writes, the end of it where it is too long."""

    path: str
    argv: tuple[str, ...]
    within_s: float = QUICK_S
    limit: int = MIB
    env: Mapping[str, str] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """The command line."""
        return shlex.join(self.argv)


@dataclass(frozen=True, slots=True)
class Copy:
    """The end of a file."""

    path: str
    file: Path
    limit: int = MIB
    within_s: float = QUICK_S

    @property
    def source(self) -> str:
        """The file."""
        return str(self.file)


@dataclass(frozen=True, slots=True)
class Page:
    """What a service of this node answers."""

    path: str
    url: str
    limit: int = 2 * MIB
    within_s: float = QUICK_S

    @property
    def source(self) -> str:
        """The address."""
        return self.url


@dataclass(frozen=True, slots=True)
class Made:
    """What is put together for the bundle; `source` says of what."""

    path: str
    source: str
    make: Callable[[], bytes]
    limit: int = MIB
    within_s: float = QUICK_S


Item = Program | Copy | Page | Made


def told(items: Iterable[Item]) -> Iterator[Item]:
    """Yield items; where the list of them ends with an error, an item that tells of it, for others to go on."""
    try:
        yield from items
    except (ChefBackendError, OSError, TypeError, ValueError) as error:
        reason = error

        def fail() -> bytes:
            raise reason

        yield Made("unlisted.txt", "what else there would be", fail)
