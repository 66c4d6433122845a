"""Folders emptied by descriptors: no link is followed, and nothing is crossed that the guard does not allow."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from chef_backend.base.folders import opened_folder, opened_parent
from chef_backend.removal.guard import Act, Found, Guard, Kind

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_KINDS: Final = {stat.S_IFDIR: Kind.FOLDER, stat.S_IFLNK: Kind.LINK}
_NOT_EMPTY: Final = frozenset({errno.ENOTEMPTY, errno.EEXIST})


@dataclass(frozen=True, slots=True)
class Left:
    """What the operator should know of a path: why it is still there (`failed` when it should not be), where it led."""

    path: Path
    reason: str
    failed: bool = False


class Deleting(Protocol):
    """What deletes; deleting what is gone is no error."""

    left: list[Left]

    def empty(self, folder: Path, *, keep: Collection[str] = ()) -> None:
        """Delete what is in a folder, but for those names."""
        ...

    def remove(self, path: Path) -> None:
        """Delete what is at a path; of a mount point only the content. A folder in which something is left stays."""
        ...


def identity_of(path: Path) -> tuple[int, int] | None:
    """Return device and inode of what is at a path or where the link there leads, None when nothing is."""
    with suppress(OSError):
        found = path.stat()
        return found.st_dev, found.st_ino
    return None


def mount_of(descriptor: int) -> int:
    """Return the number of a descriptor's mount: unlike the device, it tells a folder that is mounted a second time."""
    lines = Path(f"/proc/self/fdinfo/{descriptor}").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("mnt_id:"))


class Sweep:
    """See Deleting: deletes what the guard lets it."""

    def __init__(self, guard: Guard, mount: Callable[[int], int] = mount_of) -> None:
        self._guard = guard
        self._mount = mount
        self.left: list[Left] = []

    def empty(self, folder: Path, *, keep: Collection[str] = ()) -> None:
        """See Deleting."""
        with self._noted(folder), opened_folder(folder) as opened, opened_parent(folder) as parent:
            mounted = self._mount(opened) != self._mount(parent)
            self._clear(opened, folder, depth=1, mounted=mounted, keep=keep)

    def remove(self, path: Path) -> None:
        """See Deleting."""
        with self._noted(path), opened_parent(path) as parent:
            self._act(parent, self._look(parent, path, depth=0, mounted=False))

    def _clear(self, opened: int, path: Path, *, depth: int, mounted: bool, keep: Collection[str] = ()) -> None:
        for name in sorted(set(os.listdir(opened)) - set(keep)):
            with self._noted(path / name):
                self._act(opened, self._look(opened, path / name, depth=depth, mounted=mounted))

    def _look(self, folder: int, path: Path, *, depth: int, mounted: bool) -> Found:
        """Return what is at a path of an opened folder; `mounted` is whether that folder is a mount point."""
        found = os.stat(path.name, dir_fd=folder, follow_symlinks=False)
        kind = _KINDS.get(stat.S_IFMT(found.st_mode), Kind.OTHER)
        return Found(
            path,
            kind,
            (found.st_dev, found.st_ino),
            mounted=kind is Kind.FOLDER and self._is_mount(folder, path.name),
            folder_is_mounted=mounted,
            depth=depth,
            target=os.readlink(path.name, dir_fd=folder) if kind is Kind.LINK else "",
        )

    def _is_mount(self, folder: int, name: str) -> bool:
        with _opened(folder, name) as descriptor:
            return self._mount(descriptor) != self._mount(folder)

    def _act(self, folder: int, found: Found) -> None:
        verdict = self._guard.verdict(found)
        if verdict.reason:
            self.left.append(Left(found.path, verdict.reason, verdict.failed))
        if verdict.act is Act.REMOVE:
            os.unlink(found.path.name, dir_fd=folder)
        elif verdict.act in {Act.CLEAR, Act.EMPTY}:
            self._enter(folder, found)
        if verdict.act is Act.CLEAR:
            _remove_empty(folder, found.path.name)

    def _enter(self, folder: int, found: Found) -> None:
        """Clear a folder, if it is still the one that the guard was asked about."""
        with _opened(folder, found.path.name) as descriptor:
            opened = os.fstat(descriptor)
            mounted = self._mount(descriptor) != self._mount(folder)
            if (opened.st_dev, opened.st_ino, mounted) != (*found.identity, found.mounted):
                raise OSError(errno.EAGAIN, "somebody replaced it meanwhile")
            self._clear(descriptor, found.path, depth=found.depth + 1, mounted=mounted)

    @contextmanager
    def _noted(self, path: Path) -> Iterator[None]:
        """Go on after what cannot be deleted, and note it."""
        try:
            yield
        except FileNotFoundError:
            return
        except OSError as error:
            self.left.append(Left(path, error.strerror or str(error), failed=True))


def _remove_empty(folder: int, name: str) -> None:
    try:
        os.rmdir(name, dir_fd=folder)
    except OSError as error:
        if error.errno not in _NOT_EMPTY:
            raise


@contextmanager
def _opened(folder: int, name: str) -> Iterator[int]:
    descriptor = os.open(name, _FOLDER, dir_fd=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
