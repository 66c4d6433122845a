"""The room left on the disks that leaderl watches."""

from __future__ import annotations

from collections.abc import Iterator

from chef_backend.health.codes import ROOM
from chef_backend.health.finding import Finding
from chef_backend.health.seen import Seen
from chef_backend.status.model import Disk, Failure


def room(seen: Seen) -> Iterator[Finding]:
    """Yield the room at each path."""
    disks = seen.answers if isinstance(seen.answers, Failure) else seen.answers.disks
    if isinstance(disks, Failure):
        yield ROOM.unknown("not told", evidence=disks.reason)
        return
    for disk in disks:
        yield judge(disk)


def judge(disk: Disk) -> Finding:
    """Judge one path; a room below 0 is one that could not be told."""
    limit = f"at least {disk.least_mb} MB"
    if disk.free_mb < 0:
        return ROOM.critical(f"no answer at {disk.path}", limit=limit, fix=f"ls -ld {disk.path}")
    value = f"{disk.free_mb} MB at {disk.path}"
    if disk.fine:
        return ROOM.fine(value, limit=limit)
    return ROOM.critical(value, limit=limit, fix=f"du -xh {disk.path} | sort -h | tail")
