"""Members of tar files, plain or compressed, read once from front to back."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import shutil
import subprocess
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import IO, cast

from omnibuild.errors import HostLacks, UnsafeArchive
from omnibuild.sources.members import Item, Kind, Limits
from omnibuild.sources.tool import host_environment

_GZIP, _BZIP2, _XZ = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00"
_TAR_NAME = re.compile(r"\.(tar(\.\w+)?|tgz|tbz2?|txz|tzst)$")
_ZSTD = b"\x28\xb5\x2f\xfd"
_SKIP = 1 << 20
# tarfile reads a pax header at once into memory; real ones have some hundred bytes.
_LONGEST_READ = 16 << 20
_HEADERS = 4096


@contextmanager
def tar_items(archive: Path, limits: Limits) -> Iterator[Iterator[Item] | None]:
    """Yield the members of a tar file; None when the file is no tar."""
    with ExitStack() as stack:
        forward = _Forward(archive, stack.enter_context(_decompressed(archive)), limits)
        try:
            tar = stack.enter_context(tarfile.open(fileobj=cast("IO[bytes]", forward), mode="r:"))
        except tarfile.ReadError:
            if _TAR_NAME.search(archive.name):
                raise
            yield None
            return
        yield _items(tar)


def _items(tar: tarfile.TarFile) -> Iterator[Item]:
    for member in tar:
        yield Item(
            name=member.name,
            kind=_kind(member),
            size=member.size if member.isreg() else 0,
            executable=bool(member.mode & 0o100),
            mtime_s=float(member.mtime),
            target=member.linkname,
            open=partial(_open, tar, member),
        )


def _kind(member: tarfile.TarInfo) -> Kind:
    if member.isreg():
        return Kind.FILE
    if member.isdir():
        return Kind.DIRECTORY
    if member.issym():
        return Kind.SYMLINK
    return Kind.HARDLINK if member.islnk() else Kind.OTHER


def _open(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    stream = tar.extractfile(member)
    if stream is None:
        raise UnsafeArchive(f"{tar.name!r}: member {member.name!r} has no content")
    return stream


@contextmanager
def _decompressed(archive: Path) -> Iterator[IO[bytes]]:
    with ExitStack() as stack:
        stream: IO[bytes] = stack.enter_context(archive.open("rb"))
        start = stream.read(8)
        stream.seek(0)
        if start.startswith(_GZIP):
            stream = cast("IO[bytes]", stack.enter_context(gzip.GzipFile(fileobj=stream)))
        elif start.startswith(_BZIP2):
            stream = cast("IO[bytes]", stack.enter_context(bz2.BZ2File(stream)))
        elif start.startswith(_XZ):
            stream = cast("IO[bytes]", stack.enter_context(lzma.LZMAFile(stream)))
        elif start.startswith(_ZSTD):
            stream = stack.enter_context(_zstd(archive))
        yield stream


@contextmanager
def _zstd(archive: Path) -> Iterator[IO[bytes]]:
    program = shutil.which("zstd")
    if program is None:
        raise HostLacks(f"{archive}: zstd is not installed here", hint="apt-get install zstd")
    argv = (program, "-dcq", "--", str(archive))
    process = subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=host_environment()
    )
    try:
        yield cast("IO[bytes]", process.stdout)
    finally:
        process.kill()
        process.communicate()


class _Forward:
    """A stream that only goes forward, and refuses reads and totals that no real archive has."""

    def __init__(self, archive: Path, stream: IO[bytes], limits: Limits) -> None:
        self._archive = archive
        self._stream = stream
        self._position = 0
        self._limit = limits.total_bytes + limits.members * _HEADERS

    def read(self, size: int = -1) -> bytes:
        """Return exactly ``size`` bytes, fewer only at the end."""
        if not 0 <= size <= _LONGEST_READ:
            raise UnsafeArchive(f"{self._archive}: a header of {size} bytes")
        try:
            data = self._stream.read(size)
        except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
            raise tarfile.ReadError(f"cannot be decompressed: {error}") from error
        self._position += len(data)
        if self._position > self._limit:
            raise UnsafeArchive(f"{self._archive}: unpacks to more than the limit of {self._limit} bytes")
        return data

    def tell(self) -> int:
        """Return how far it has been read."""
        return self._position

    def seek(self, position: int, whence: int = 0) -> int:
        """Skip forward."""
        if whence != 0 or position < self._position:
            raise UnsafeArchive(f"{self._archive}: members lie one over another")
        while self._position < position and self.read(min(_SKIP, position - self._position)):
            pass
        return self._position
