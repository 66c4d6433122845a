"""Builds the sandbox's view of the file system. Runs in the child, standard library only."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from omnibuild.sandbox import syscalls as sys_

_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_LINKS = {"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2"}
_SHOWN = ("bin", "etc", "lib", "lib32", "lib64", "libx32", "sbin", "usr")


def enter(spec: dict[str, Any]) -> None:
    """Assemble the view under ``spec["scratch"]`` and make it the root."""
    sys_.mount("none", "/", None, sys_.MS_REC | sys_.MS_PRIVATE)
    new = spec["scratch"]
    sys_.mount("tmpfs", new, "tmpfs", sys_.MS_NOSUID | sys_.MS_NODEV, "mode=0755")
    overlay = spec["overlay"]
    _bind_rootfs(Path(spec["rootfs"]), Path(new))
    _devices(new)
    _proc(new)
    for path in (*spec["writable"], "/run", "/root", "/var/tmp"):
        _tmpfs(new + path)
    if overlay:
        _overlay(overlay, new, user=spec["isolation"] == "user")
    for bind in spec["binds"]:
        _bind(bind["source"], new + bind["target"], read_only=not bind["writable"])
    # The tree that holds all these mounts is not written to either: what landed there would be lost.
    sys_.mount("none", new, None, sys_.MS_REMOUNT | sys_.MS_BIND | sys_.MS_RDONLY | sys_.MS_NOSUID | sys_.MS_NODEV)
    sys_.pivot_root(new)


def _bind_rootfs(rootfs: Path, new: Path) -> None:
    for entry in (rootfs / name for name in _SHOWN):
        if entry.is_symlink():
            (new / entry.name).symlink_to(entry.readlink())
        elif entry.is_dir():
            _bind(str(entry), str(new / entry.name), read_only=True)


def _bind(source: str, target: str, *, read_only: bool) -> None:
    if Path(source).is_dir():
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        Path(target).touch()
    sys_.mount(source, target, None, sys_.MS_BIND | sys_.MS_REC)
    if read_only:
        sys_.make_read_only(target)


def _tmpfs(target: str) -> None:
    os.makedirs(target, exist_ok=True)
    sys_.mount("tmpfs", target, "tmpfs", sys_.MS_NOSUID | sys_.MS_NODEV, "mode=1777")


def _devices(new: str) -> None:
    os.makedirs(f"{new}/dev/shm")
    for name in _DEVICES:
        # Devices are written to all the same; their modes and owners, which are the host's, are not.
        _bind(f"/dev/{name}", f"{new}/dev/{name}", read_only=True)
    for name, target in _LINKS.items():
        os.symlink(target, f"{new}/dev/{name}")
    _tmpfs(f"{new}/dev/shm")


def _proc(new: str) -> None:
    os.makedirs(f"{new}/proc")
    try:
        sys_.mount("proc", f"{new}/proc", "proc", sys_.MS_NOSUID | sys_.MS_NODEV)
    except PermissionError:
        # A container that masks parts of its /proc may not mount a new one; its own still serves.
        sys_.mount("/proc", f"{new}/proc", None, sys_.MS_BIND | sys_.MS_REC)


def _overlay(overlay: dict[str, str], new: str, *, user: bool) -> None:
    target = new + overlay["target"]
    os.makedirs(target)
    folders = (f"{name}dir={_escaped(overlay[name])}" for name in ("lower", "upper", "work"))
    options = ",".join(folders)
    # Inside a user namespace overlayfs keeps its marks in user.* attributes (Linux 5.11).
    options += ",userxattr" if user else ",redirect_dir=nofollow,metacopy=off,index=off"
    sys_.mount("overlay", target, "overlay", sys_.MS_NOSUID | sys_.MS_NODEV, options)


def _escaped(path: str) -> str:
    """Return a path as an overlay option, in which colons and commas separate."""
    return re.sub(r"([\\:,])", r"\\\1", path)
