"""A folder that a backup is unpacked to: root's alone, until its data is given to PostgreSQL's user."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

from chef_backend.backup.archive import CHUNK, read
from chef_backend.backup.manifest import DATABASE, Manifest
from chef_backend.backup.room import free_bytes, require_room
from chef_backend.base.atomic import translated
from chef_backend.base.errors import Conflict
from chef_backend.base.folders import Access, make_folder, opened_parent

_NAME: Final = "chef-backend-restore"
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
# Its owner enters by a name that it knows; nobody else learns any.
_ENTER: Final = 0o711
_OPEN: Final = 0o755


class Staging:
    """One such folder, below `base`; what an interrupted run left there is removed."""

    def __init__(self, base: Path, free: Callable[[Path], int] = free_bytes) -> None:
        self._base = base
        self._free = free
        self.folder = base / _NAME

    @property
    def data(self) -> Path:
        """The unpacked data directory."""
        return self.folder / DATABASE

    def require_empty(self) -> None:
        """Raise Conflict unless the base is a folder with nothing of anybody else's in it."""
        if not self._base.is_dir():
            raise Conflict(f"{self._base} is no folder", hint="make it, or choose another --staging-dir")
        if {item.name for item in self._base.iterdir()} - {_NAME}:
            raise Conflict(f"{self._base} is not empty", hint="choose an empty folder as --staging-dir")

    def require_room_for(self, size: int, data_folder: Path) -> None:
        """Raise WriteFailed unless so much can be unpacked here, and moved to the folder; neither need be there."""
        here, there = _nearest(self._base), _nearest(data_folder)
        require_room(here, size, "the unpacked backup", self._free)
        if here.stat().st_dev != there.stat().st_dev:
            require_room(there, size, "PostgreSQL's data", self._free)

    def unpack(self, source: BinaryIO, name: str, manifest: Manifest, tick: Callable[[int], None]) -> None:
        """Unpack the archive `source`, every checksum compared. Raises InvalidBackup, WriteFailed."""
        with translated(self.folder):
            self.remove()
            if not self._base.is_dir():
                make_folder(self._base, Access(os.geteuid(), os.getegid(), _OPEN))
            make_folder(self.folder, Access(os.geteuid(), os.getegid(), _ENTER))
            for folder in manifest.folders:
                (self.folder / folder).mkdir(mode=0o700, parents=True)
            for member, stream in read(source, name):
                with os.fdopen(os.open(self.folder / member, _NEW, 0o600), "wb") as target:
                    while data := stream.read(CHUNK):
                        target.write(data)
                        tick(len(data))
            os.sync()

    def give(self, access: Access) -> None:
        """Give the data to its owner: from the innermost folder, so that none of the owner's is walked through."""
        with translated(self.data):
            for _parent, _folders, names, folder in os.fwalk(self.data, topdown=False):
                for name in names:
                    os.chown(name, access.uid, access.gid, dir_fd=folder, follow_symlinks=False)
                os.fchown(folder, access.uid, access.gid)

    def remove(self) -> None:
        """Remove it; no error when it is not there."""
        if self.folder.exists():
            with opened_parent(self.folder) as parent:
                shutil.rmtree(self.folder.name, dir_fd=parent)


def _nearest(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.is_dir())
