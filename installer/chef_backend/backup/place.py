"""Unpacked data moved into PostgreSQL's data directory."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Final

from chef_backend.base.atomic import translated
from chef_backend.base.folders import Access, opened_folder, set_folder

# A data directory is complete with it, so it comes last.
_LAST: Final = "PG_VERSION"


def move_in(staged: Path, folder: Path, access: Access, *, leave: Collection[str]) -> None:
    """Move everything staged but the names to `leave` into a folder, which is its owner's own, mode 0700, when done.

    Meanwhile the folder is the caller's, so that nobody can put anything in the way.
    """
    with translated(folder):
        set_folder(folder, Access(os.geteuid(), os.getegid(), 0o700))
        names = sorted((item.name for item in staged.iterdir() if item.name not in leave), key=_last)
        for name in names:
            if name == _LAST:
                os.sync()
            _move(staged / name, folder / name, access)
        with opened_folder(folder) as opened:
            os.fsync(opened)
        set_folder(folder, Access(access.uid, access.gid, 0o700))


def _last(name: str) -> tuple[bool, str]:
    return name == _LAST, name


def _move(source: Path, target: Path, access: Access) -> None:
    """Rename, or copy from another file system."""
    if source.lstat().st_dev == target.parent.lstat().st_dev:
        source.rename(target)
        return
    if source.is_dir():
        shutil.copytree(source, target)
        for parent, _folders, names in os.walk(target):
            for path in (Path(parent), *(Path(parent, name) for name in names)):
                os.chown(path, access.uid, access.gid)
    else:
        shutil.copy2(source, target)
        os.chown(target, access.uid, access.gid)
