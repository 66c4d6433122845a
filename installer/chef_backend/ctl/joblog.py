"""The log of one long command: a file of its own that only root reads, in a folder where nobody else can put a link."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from chef_backend.base.atomic import translated
from chef_backend.base.folders import Access, make_folder, opened_folder
from chef_backend.base.paths import Paths

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
_KEPT = 20


@contextmanager
def opened_log(paths: Paths, word: str, now: datetime) -> Iterator[tuple[Path, TextIO]]:
    """Yield the path and the stream of a new log, `WORD-TIME-PID.log`, mode 0600; the oldest of the command go.

    Raises WriteFailed, NotPermitted, UnsafePath and Conflict.
    """
    folder = paths.command_logs
    path = folder / f"{word}-{now:%Y%m%dT%H%M%SZ}-{os.getpid()}.log"
    with translated(path):
        _make(paths.logs, 0o755)
        _make(folder, 0o700)
        with opened_folder(folder) as descriptor:
            _remove_oldest(descriptor, word)
            opened = os.open(path.name, _NEW, 0o600, dir_fd=descriptor)
    file = io.BufferedWriter(Lossy(opened, "w"))
    with io.TextIOWrapper(file, encoding="utf-8", errors="backslashreplace") as stream:
        yield path, stream


class Lossy(io.FileIO):
    """A file that loses what its disk does not take: a full disk must not end the command that is to mend it."""

    def write(self, data: ReadableBuffer, /) -> int:
        """Write the bytes, or drop them."""
        with suppress(OSError):
            return super().write(data)
        return memoryview(data).nbytes


def _make(folder: Path, mode: int) -> None:
    with suppress(FileExistsError):
        make_folder(folder, Access(os.geteuid(), os.getegid(), mode))


def _remove_oldest(descriptor: int, word: str) -> None:
    ours = re.compile(rf"{re.escape(word)}-\d{{8}}T\d{{6}}Z-\d+\.log")
    names = sorted(name for name in os.listdir(descriptor) if ours.fullmatch(name))
    for name in names[: -(_KEPT - 1)]:
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=descriptor)
