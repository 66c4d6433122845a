"""Members of zip files: wheels, jars, Maven's zip artifacts."""

from __future__ import annotations

import calendar
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

from omnibuild.errors import UnsafeArchive
from omnibuild.sources.members import Item, Kind

_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_ENCRYPTED = 0x1
_LONGEST_TARGET = 4096


@contextmanager
def zip_items(archive: Path) -> Iterator[Iterator[Item] | None]:
    """Yield the members of a zip file; None when the file is no zip."""
    with archive.open("rb") as stream:
        if stream.read(4) not in _MAGIC:
            yield None
            return
    try:
        opened = zipfile.ZipFile(archive)
    except zipfile.BadZipFile as error:
        raise UnsafeArchive(f"{archive}: damaged: {error}") from error
    with opened:
        yield (_item(archive, opened, info) for info in opened.infolist())


def _item(archive: Path, opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> Item:
    if info.flag_bits & _ENCRYPTED:
        raise UnsafeArchive(f"{archive}: member {info.filename!r} is encrypted")
    mode = info.external_attr >> 16
    kind = _kind(info, mode)
    # The time has no zone; taking it as UTC gives every host the same.
    mtime_s = float(calendar.timegm((*info.date_time, 0, 0, 0)))
    target = ""
    if kind is Kind.SYMLINK:
        target = _read_target(opened, info)
    size = info.file_size if kind is Kind.FILE else 0
    return Item(info.filename, kind, size, bool(mode & 0o100), mtime_s, target, partial(_open, opened, info))


def _kind(info: zipfile.ZipInfo, mode: int) -> Kind:
    if info.is_dir():
        return Kind.DIRECTORY
    match stat.S_IFMT(mode):
        case 0 | stat.S_IFREG:
            return Kind.FILE
        case stat.S_IFLNK:
            return Kind.SYMLINK
        case stat.S_IFDIR:
            return Kind.DIRECTORY
    return Kind.OTHER


def _read_target(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> str:
    with opened.open(info) as stream:
        return stream.read(_LONGEST_TARGET).decode("utf-8", "surrogateescape")


def _open(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    return opened.open(info)
