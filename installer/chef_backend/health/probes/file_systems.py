"""File systems: their type, and what their mounts forbid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chef_backend.health.codes import FILE_SYSTEM, NOEXEC, READ_ONLY
from chef_backend.health.finding import Finding
from chef_backend.health.mounts import Mount
from chef_backend.health.probes.disks import by_mount
from chef_backend.health.wanted import Wanted
from chef_backend.health.world import World

_NETWORK: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "vboxsf", "virtiofs"}
)
_MEMORY: Final = frozenset({"tmpfs", "ramfs"})


def file_systems(world: World, wanted: Wanted) -> Iterator[Finding]:
    """Yield what the node's folders are on."""
    for mount, (_, names) in by_mount(world, wanted.folders).items():
        yield kind(mount, names)


def kind(mount: Mount, names: tuple[str, ...]) -> Finding:
    """Judge the type of one file system; one in user space is as good as what is behind it, which nobody knows."""
    value = f"{mount.type} at {mount.point}"
    evidence = f"{mount.point} is for {', '.join(names)}"
    if mount.type in _NETWORK or mount.type.startswith("fuse.glusterfs"):
        return FILE_SYSTEM.critical(value, evidence=evidence)
    if mount.type in _MEMORY or mount.type.startswith("fuse"):
        return FILE_SYSTEM.warning(value, evidence=evidence)
    return FILE_SYSTEM.fine(value)


def executables(world: World, wanted: Wanted) -> Iterator[Finding]:
    """Yield whether programs may run from where they are to."""
    folders = {"Elasticsearch's temporary files": wanted.temporary, "the installed programs": wanted.embedded}
    for mount, (_, names) in by_mount(world, folders).items():
        yield may_execute(mount, names)


def may_execute(mount: Mount, names: tuple[str, ...]) -> Finding:
    """Judge the options of one mount."""
    if "noexec" not in mount.options:
        return NOEXEC.fine(f"exec at {mount.point}")
    return NOEXEC.critical(
        f"noexec at {mount.point}",
        evidence=f"{mount.point} is for {', '.join(names)}",
        fix=f"mount -o remount,exec {mount.point}",
    )


def writable(world: World, wanted: Wanted) -> Iterator[Finding]:
    """Yield whether the node's folders can be written to."""
    for mount, (_, names) in by_mount(world, wanted.folders).items():
        yield may_write(mount, names)


def may_write(mount: Mount, names: tuple[str, ...]) -> Finding:
    """Judge the options of one mount."""
    if "ro" not in mount.options:
        return READ_ONLY.fine(f"rw at {mount.point}")
    fix = f"`dmesg | tail` says why; when the disk is well again: `mount -o remount,rw {mount.point}`."
    return READ_ONLY.critical(f"ro at {mount.point}", evidence=f"{mount.point} is for {', '.join(names)}", fix=fix)
