"""The files of a copy of the data: their names, sizes and checksums."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path

from chef_backend.backup.manifest import DATABASE, Member
from chef_backend.base.errors import Conflict


def scan(folder: Path, tick: Callable[[int], None]) -> tuple[dict[str, Member], tuple[str, ...]]:
    """Return the files below DATABASE by name, and the folders, both sorted; `tick` gets the bytes read on the way.

    Conflict where something is neither, such as the link to a tablespace.
    """
    files: dict[str, Member] = {}
    folders = []
    for parent, inner, names in os.walk(folder):
        inner.sort()
        folders.append(_name(Path(parent), folder))
        for path in (Path(parent, name) for name in sorted([*names, *inner])):
            mode = path.lstat().st_mode
            if stat.S_ISREG(mode):
                files[_name(path, folder)] = _member(path, tick)
            elif not stat.S_ISDIR(mode):
                raise Conflict(f"{path} is neither a file nor a folder, and so cannot be in a backup")
    return files, tuple(sorted(folders))


def _name(path: Path, folder: Path) -> str:
    return str(DATABASE / path.relative_to(folder))


def _member(path: Path, tick: Callable[[int], None]) -> Member:
    size, digest = 0, hashlib.sha256()
    with path.open("rb") as stream:
        while data := stream.read(1 << 20):
            digest.update(data)
            size += len(data)
            tick(len(data))
    return Member(size, digest.hexdigest())
