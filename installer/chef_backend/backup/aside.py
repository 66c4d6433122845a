"""What a restore replaces: kept beside until the new cluster runs, and put back where it never does.

A folder is renamed as a whole, which happens or does not. One that is a file system of its own is emptied instead.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from chef_backend.base.atomic import translated
from chef_backend.base.errors import Conflict
from chef_backend.base.folders import Access, make_folder, opened_folder, opened_parent

_SUFFIX: Final = ".before-restore"
_STAYS: Final = "lost+found"


class Aside:
    """The folders and files that one restore replaces."""

    def __init__(self, folders: Iterable[Path], files: Iterable[Path]) -> None:
        self._folders = tuple(folders)
        self._files = tuple(files)
        self._new: set[Path] = set()

    def kept(self) -> tuple[Path, ...]:
        """Return where former data is kept now."""
        return tuple(self._kept_folders())

    def require_none(self) -> None:
        """Raise Conflict where folders are kept that nothing is known of."""
        found = ", ".join(str(path) for path in self.kept())
        if found:
            raise Conflict(
                f"former data of an earlier restore is there, and this node is in no cluster: {found}",
                hint="remove it, or move it away; then run the command again",
            )

    def set(self) -> None:
        """Put everything aside; a folder that was there is there afterwards, empty, with the same access."""
        for folder in self._folders:
            with translated(folder):
                if not _set_folder(folder):
                    self._new.add(folder)
        for path in self._files:
            with translated(path):
                try:
                    path.rename(beside(path))
                except FileNotFoundError:
                    self._new.add(path)

    def put_back(self) -> None:
        """Put everything back that is kept, in place of what is there now; what was new in this process's time goes."""
        for folder in self._folders:
            with translated(folder):
                _put_back(folder, is_new=folder in self._new)
        for path in self._files:
            with translated(path):
                if beside(path).exists():
                    beside(path).rename(path)
                elif path in self._new:
                    path.unlink(missing_ok=True)

    def discard(self) -> None:
        """Remove what is kept."""
        for folder in self._kept_folders():
            with translated(folder), opened_parent(folder) as parent:
                shutil.rmtree(folder.name, dir_fd=parent)
        for path in self._files:
            with translated(path):
                beside(path).unlink(missing_ok=True)

    def _kept_folders(self) -> Iterator[Path]:
        for folder in self._folders:
            kept = beside(_real(folder))
            if kept.is_dir() and not kept.is_symlink():
                yield kept


def beside(path: Path) -> Path:
    """Return where something is kept."""
    return path.with_name(path.name + _SUFFIX)


def _real(folder: Path) -> Path:
    """Return where a folder is behind root's own links; the path as it is where there is none."""
    try:
        with opened_folder(folder) as opened:
            return Path(f"/proc/self/fd/{opened}").readlink()
    except FileNotFoundError:
        return folder


def _set_folder(folder: Path) -> bool:
    """Put one folder aside; False when it was not there."""
    real = _real(folder)
    try:
        with opened_folder(real) as opened, opened_parent(real) as parent:
            found = os.fstat(opened)
            if not _renamed(real, opened, parent):
                _empty(opened)
                return True
    except FileNotFoundError:
        return False
    make_folder(real, Access(found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)))
    return True


def _renamed(real: Path, opened: int, parent: int) -> bool:
    if os.fstat(opened).st_dev != os.fstat(parent).st_dev:
        return False
    try:
        os.rename(real.name, beside(real).name, src_dir_fd=parent, dst_dir_fd=parent)
    except OSError as error:
        if error.errno == errno.EBUSY:
            return False
        raise
    os.fsync(parent)
    return True


def _put_back(folder: Path, *, is_new: bool) -> None:
    real = _real(folder)
    try:
        with opened_parent(real) as parent:
            if beside(real).is_dir():
                _remove(real.name, parent)
                os.rename(beside(real).name, real.name, src_dir_fd=parent, dst_dir_fd=parent)
            elif is_new:
                _remove(real.name, parent)
            os.fsync(parent)
    except FileNotFoundError:
        return  # its parent is not there either


def _empty(folder: int) -> None:
    for name in os.listdir(folder):
        if name != _STAYS:
            _remove(name, folder)


def _remove(name: str, parent: int) -> None:
    """Remove a file, link or folder; no error when it is gone."""
    with suppress(FileNotFoundError):
        if stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode):
            shutil.rmtree(name, dir_fd=parent)
        else:
            os.unlink(name, dir_fd=parent)
