"""One look at the world: the record, PostgreSQL, the sentinels, the room on the disks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from chef_backend.base.clock import Clock
from chef_backend.base.errors import Conflict
from chef_backend.etcd.model import EtcdUnavailable
from chef_backend.leader.fence import Fence
from chef_backend.leader.model import View
from chef_backend.leader.postgres import Postgres
from chef_backend.leader.record import RecordKeeper

_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class DiskSpace:
    """The room left where a path is; -1 when it cannot be told."""

    path: str
    free_mb: int
    least_mb: int

    @property
    def is_full(self) -> bool:
        """Whether there is less than there should be."""
        return 0 <= self.free_mb < self.least_mb


def disk_spaces(paths: Iterable[str], least_mb: int) -> tuple[DiskSpace, ...]:
    """Return the room at each path."""
    return tuple(DiskSpace(path, _free_mb(path), least_mb) for path in paths)


def _free_mb(path: str) -> int:
    try:
        found = os.statvfs(path)
    except OSError:
        return -1
    return found.f_bavail * found.f_frsize // _MIB


@dataclass(frozen=True, slots=True)
class Observer:
    """Looks with the eyes of one node."""

    keeper: RecordKeeper
    postgres: Postgres
    fence: Fence
    clock: Clock
    unsynced_file: Path
    disks: Callable[[], tuple[DiskSpace, ...]] = tuple

    def look(self, epoch: int) -> View:
        """Return the world as it is; with an epoch of its own a leader's PostgreSQL is asked to write it."""
        stored, members, trouble = None, 0, ""
        try:
            stored, members = self.keeper.read()
        except (EtcdUnavailable, Conflict) as error:
            trouble = error.message
        if stored is not None and epoch and stored.record.epoch != epoch:
            epoch = 0  # another has taken the leadership: nothing may be written in its name
        return View(
            database=self.postgres.look(epoch),
            stored=stored,
            members=members,
            trouble=trouble,
            barrier=self.fence.barrier(),
            unsynced=self.unsynced_file.exists(),
            full_disks=tuple(disk.path for disk in self.disks() if disk.is_full),
            now=self.clock.monotonic(),
        )
