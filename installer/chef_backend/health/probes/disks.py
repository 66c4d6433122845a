"""Disks: room for what is kept on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from chef_backend.health.codes import INODES, SPACE
from chef_backend.health.finding import Finding
from chef_backend.health.mounts import Mount, mounted, mounts
from chef_backend.health.wanted import Wanted
from chef_backend.health.world import Disk, World

_LEAST_MB: Final = 5 * 1024
# A new data directory, its log of writes (64 segments of 16 MB by default) and an empty index.
_HARDLY_MB: Final = 1024
_LEAST_PERCENT: Final = 5
_GB: Final = 1024


def disks(world: World, wanted: Wanted) -> Iterator[Finding]:
    """Yield the room at each file system that the node's folders are on."""
    for mount, (disk, names) in by_mount(world, wanted.folders).items():
        yield space(mount, disk, names)
        yield inodes(mount, disk, names)


def by_mount(world: World, folders: Mapping[str, Path]) -> dict[Mount, tuple[Disk, tuple[str, ...]]]:
    """Return the file systems of folders, each with what is kept there."""
    table = mounts(world.read("/proc/self/mountinfo"))
    found: dict[Mount, tuple[Disk, tuple[str, ...]]] = {}
    for name, path in folders.items():
        disk = world.disk(path)
        mount = mounted(disk.place, table)
        found[mount] = (disk, (*found.get(mount, (disk, ()))[1], name))
    return found


def space(mount: Mount, disk: Disk, names: tuple[str, ...]) -> Finding:
    """Judge the free space of one file system."""
    value = f"{disk.free_mb / _GB:.1f} GB free at {mount.point}"
    evidence = f"{mount.point} ({mount.type}) is for {', '.join(names)}"
    if disk.free_mb >= _LEAST_MB:
        return SPACE.fine(value, evidence=evidence)
    judged = SPACE.critical if disk.free_mb < _HARDLY_MB else SPACE.warning
    return judged(value, evidence=evidence, fix=f"du -xh {mount.point} | sort -h | tail")


def inodes(mount: Mount, disk: Disk, names: tuple[str, ...]) -> Finding:
    """Judge the free inodes of one file system."""
    if not disk.inodes:
        return INODES.fine(f"made as needed at {mount.point}")
    percent = disk.free_inodes * 100 // disk.inodes
    value = f"{percent} % free at {mount.point}"
    if percent >= _LEAST_PERCENT:
        return INODES.fine(value)
    judged = INODES.critical if not percent else INODES.warning
    evidence = f"{disk.free_inodes} of {disk.inodes}, for {', '.join(names)}"
    return judged(value, evidence=evidence, fix=f"du -x --inodes {mount.point} | sort -n | tail")
