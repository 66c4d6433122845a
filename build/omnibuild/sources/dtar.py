"""Deterministic tar files: the same members give the same bytes on every host.

Sorted by path, owner 0:0 without names, modification time 0, modes 0644 or 0755, GNU format
(pax would record what differs between hosts), every member below one folder, ``TOP``.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from omnibuild.sources.hashing import HashingWriter

TOP = "source"


def _empty() -> IO[bytes]:
    return io.BytesIO()


@dataclass(frozen=True, slots=True)
class Member:
    """A file (``open`` gives its ``size`` bytes) or, with a ``target``, a symbolic link."""

    path: str
    size: int = 0
    executable: bool = False
    target: str = ""
    open: Callable[[], IO[bytes]] = _empty

    @classmethod
    def of_bytes(cls, path: str, data: bytes, *, executable: bool = False) -> Member:
        """Return a file that holds ``data``."""
        return cls(path, len(data), executable, open=lambda: io.BytesIO(data))

    @classmethod
    def of_file(cls, path: str, file: Path) -> Member:
        """Return the member for a file or symbolic link of this host."""
        if file.is_symlink():
            return cls(path, target=str(file.readlink()))
        status = file.stat()
        return cls(path, status.st_size, bool(status.st_mode & 0o100), open=lambda: file.open("rb"))


def write_tar(members: Iterable[Member], out: Path) -> str:
    """Write ``out`` and return its sha256; folders that hold members are added by themselves."""
    by_path = {member.path: member for member in members}
    with out.open("wb") as stream:
        writer = HashingWriter(stream)
        with tarfile.open(
            fileobj=cast("IO[bytes]", writer),
            mode="w|",
            format=tarfile.GNU_FORMAT,
            encoding="utf-8",
            errors="surrogateescape",
        ) as tar:
            for path in sorted({*by_path, *_parents(by_path), ""}, key=_order):
                _add(tar, path, by_path.get(path))
    return writer.hexdigest()


def _order(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")


def _parents(paths: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for path in paths:
        parts = path.split("/")[:-1]
        found.update("/".join(parts[:count]) for count in range(1, len(parts) + 1))
    return found


def _add(tar: tarfile.TarFile, path: str, member: Member | None) -> None:
    info = tarfile.TarInfo(f"{TOP}/{path}" if path else TOP)
    if member is None:
        info.type, info.mode = tarfile.DIRTYPE, 0o755
        tar.addfile(info)
    elif member.target:
        info.type, info.mode, info.linkname = tarfile.SYMTYPE, 0o777, member.target
        tar.addfile(info)
    else:
        info.mode, info.size = (0o755 if member.executable else 0o644), member.size
        with member.open() as stream:
            tar.addfile(info, stream)
