"""Folders opened component by component, so that no symbolic link planted by a service's user is followed.

An operator may have put /var/opt/chef-backend on another disk by a symbolic link: a link is followed
where it and the folder that holds it belong to root (or to the caller), and refused elsewhere. The
same rule as the kernel's fs.protected_symlinks, applied to every component:
https://www.kernel.org/doc/html/latest/admin-guide/sysctl/fs.html#protected-symlinks
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from chef_backend.base.errors import UnsafePath

_THROUGH = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LAST = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_MAX_LINKS = 40  # as the kernel's
_PERMISSIONS = 0o7777


@dataclass(frozen=True, slots=True)
class Access:
    """Owner, group and permission bits of a file or folder."""

    uid: int
    gid: int
    mode: int


@contextmanager
def opened_folder(path: Path) -> Iterator[int]:
    """Yield a descriptor of the folder `path`; UnsafePath where a link on the way may not be followed."""
    descriptor = _walk(path, _LAST)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def opened_parent(path: Path) -> Iterator[int]:
    """Yield a descriptor of the folder that holds `path`."""
    with opened_folder(path.parent) as folder:
        yield folder


def make_folder(path: Path, access: Access) -> None:
    """Make the folder `path`, closed to everybody else until it has its owner; its parent must exist."""
    with opened_parent(path) as parent:
        os.mkdir(path.name, 0o700, dir_fd=parent)
        try:
            _set_made(parent, path, access)
        except BaseException:
            with suppress(OSError):
                os.rmdir(path.name, dir_fd=parent)
            raise
        os.fsync(parent)


def set_folder(path: Path, access: Access) -> None:
    """Give the existing folder `path` its owner, group and mode."""
    with opened_folder(path) as folder:
        _set(folder, access)


def _set_made(parent: int, path: Path, access: Access) -> None:
    """Set the access of a folder just made, unless the parent's owner has put another in its place."""
    folder = os.open(path.name, _LAST, dir_fd=parent)
    try:
        if os.fstat(folder).st_uid != os.geteuid():
            raise UnsafePath(f"{path} was replaced while it was made", hint="find out which process did that")
        _set(folder, access)
    finally:
        os.close(folder)


def _set(descriptor: int, access: Access) -> None:
    """Set owner, then mode (a change of owner clears set-id bits), where they differ."""
    found = os.fstat(descriptor)
    if (found.st_uid, found.st_gid) != (access.uid, access.gid):
        os.fchown(descriptor, access.uid, access.gid)
        found = os.fstat(descriptor)
    if stat.S_IMODE(found.st_mode) != access.mode & _PERMISSIONS:
        os.fchmod(descriptor, access.mode)


def _walk(path: Path, last: int) -> int:
    """Return a descriptor of `path`, opened with the flags `last`, having checked each link on the way."""
    if not path.is_absolute():
        raise ValueError(f"{path} is not absolute")
    left = [part for part in path.parts[1:] if part != "."]
    links = 0
    here = os.open("/", _THROUGH if left else last)
    try:
        while left:
            name = left.pop(0)
            try:
                child = os.open(name, _THROUGH if left else last, dir_fd=here)
            except OSError as error:
                if error.errno not in {errno.ENOTDIR, errno.ELOOP}:
                    raise
                links += 1
                target = _followed(here, name, path, links)
                left = [part for part in target.split("/") if part not in {"", "."}] + left
                child = os.open("/" if target.startswith("/") else ".", _THROUGH if left else last, dir_fd=here)
            os.close(here)
            here = child
    except BaseException:
        os.close(here)
        raise
    return here


def _followed(folder: int, name: str, path: Path, links: int) -> str:
    """Return where the link `name` leads; NotADirectoryError when it is no link, UnsafePath when not trusted."""
    found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if not stat.S_ISLNK(found.st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), f"{name} on the way to {path}")
    if links > _MAX_LINKS:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    holder = os.fstat(folder)
    trusted = {0, os.geteuid()}
    open_to_all = holder.st_mode & stat.S_IWOTH and not holder.st_mode & stat.S_ISVTX
    if found.st_uid not in trusted or holder.st_uid not in trusted or open_to_all:
        raise UnsafePath(
            f"{name} on the way to {path} is a symbolic link in a folder that others than root may write to",
            hint=f"look where it leads (namei -l {path}), and replace it by a folder or a bind mount",
        )
    return os.readlink(name, dir_fd=folder)
