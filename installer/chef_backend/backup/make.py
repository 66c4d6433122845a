"""A backup made: copied, compared, packed, read back, and only then there under its name."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import IO, Final

from chef_backend.backup.archive import read, write
from chef_backend.backup.deadline import Deadline
from chef_backend.backup.manifest import CONFIG, DATABASE, SECRETS, Manifest, Member, Origin
from chef_backend.backup.room import free_bytes, megabytes, require_room, room_for
from chef_backend.backup.tree import scan
from chef_backend.base.atomic import translated
from chef_backend.base.errors import CommandFailed, Conflict
from chef_backend.base.folders import Access, make_folder, opened_folder, set_folder
from chef_backend.base.secret import Secret
from chef_backend.postgresql.copies import Copies
from chef_backend.reconfigure.steps import Steps

ROOM: Final = "Looking for room"
COPY: Final = "Copying PostgreSQL's data"
VERIFY: Final = "Verifying the copy"
PACK: Final = "Writing the archive"
READ_BACK: Final = "Reading the archive back"
TITLES: Final = (ROOM, COPY, VERIFY, PACK, READ_BACK)
_PARTIAL: Final = ".partial"
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a backup is made of; `origin.made_at` names it."""

    origin: Origin
    config: bytes
    secrets: Secret
    data_folder: Path


@dataclass(frozen=True, slots=True)
class Place:
    """Where backups are kept: root's alone."""

    folder: Path
    free: Callable[[Path], int] = free_bytes


@dataclass(frozen=True, slots=True)
class Made:
    """A backup and its size in bytes."""

    path: Path
    size: int


class Backup:
    """The making of one backup, by the only process that makes one at this place."""

    def __init__(self, place: Place, source: Source, copies: Copies, deadline: Deadline, progress: Steps) -> None:
        self._place = place
        self._source = source
        self._copies = copies
        self._deadline = deadline
        self._progress = progress
        self._path = place.folder / f"chef-backup-{source.origin.made_at:%Y-%m-%d-%H-%M-%S}.tgz"
        self._work = place.folder / f".{self._path.name}{_PARTIAL}"

    def run(self) -> Made:
        """Make it; whatever fails, nothing of it is left. Raises every ChefBackendError."""
        try:
            with translated(self._place.folder):
                return self._made()
        finally:
            shutil.rmtree(self._work, ignore_errors=True)

    def _made(self) -> Made:
        step = self._progress.step
        with step(ROOM):
            self._prepare()
        with step(COPY):
            self._copy()
        with step(VERIFY):
            self._copies.verify(self._work / DATABASE)
            manifest = self._manifest()
        with step(PACK):
            self._pack(manifest)
        with step(READ_BACK):
            self._read_back()
            return self._publish()

    def _prepare(self) -> None:
        """Make the folders, closed to everybody else, and remove what an interrupted run left."""
        own = Access(os.geteuid(), os.getegid(), 0o700)
        try:
            make_folder(self._place.folder, own)
        except FileExistsError:
            set_folder(self._place.folder, own)
        for left in self._place.folder.glob(f".chef-backup-*{_PARTIAL}"):
            shutil.rmtree(left)
        if self._path.exists():
            raise Conflict(f"{self._path} is there already; nothing was changed", hint="run the command again")
        require_room(self._place.folder, room_for(self._source.data_folder), "a backup", self._place.free)
        make_folder(self._work, own)

    def _copy(self) -> None:
        try:
            self._copies.copy(self._work / DATABASE, self._deadline.left())
        except CommandFailed:
            self._deadline.left()
            raise

    def _manifest(self) -> Manifest:
        """Return what is to be packed."""
        source, counted = self._source, _Counted(self._progress, self._deadline, "read")
        config, secrets = source.config, source.secrets.reveal().encode()
        files, folders = scan(self._work / DATABASE, counted.add)
        first = {CONFIG: _member(config), SECRETS: _member(secrets)}
        return Manifest(source.origin, {**first, **files}, folders)

    def _pack(self, manifest: Manifest) -> None:
        counted = _Counted(self._progress, self._deadline, f"of {megabytes(manifest.size)} packed")
        descriptor = os.open(self._archive, _NEW, 0o600)
        with os.fdopen(descriptor, "wb") as target:
            write(target, manifest, self._opened, counted.add)
            target.flush()
            os.fsync(target.fileno())

    @contextmanager
    def _opened(self, name: str) -> Iterator[IO[bytes]]:
        """Yield a member's content, which is gone from the copy once it is packed."""
        if name in {CONFIG, SECRETS}:
            yield BytesIO(self._source.config if name == CONFIG else self._source.secrets.reveal().encode())
            return
        path = self._work / name
        with path.open("rb") as stream:
            yield stream
        path.unlink()

    def _read_back(self) -> None:
        counted = _Counted(self._progress, self._deadline, "compared")
        with self._archive.open("rb") as source:
            for _name, stream in read(source, self._path.name):
                while data := stream.read(1 << 20):
                    counted.add(len(data))

    def _publish(self) -> Made:
        self._archive.rename(self._path)
        with opened_folder(self._place.folder) as folder:
            os.fsync(folder)
        return Made(self._path, self._path.stat().st_size)

    @property
    def _archive(self) -> Path:
        return self._work / self._path.name


class _Counted:
    """Bytes counted: shown now and then, and against the time limit."""

    _EVERY: Final = 64 << 20

    def __init__(self, progress: Steps, deadline: Deadline, words: str) -> None:
        self._progress = progress
        self._deadline = deadline
        self._words = words
        self._bytes = self._shown = 0

    def add(self, count: int) -> None:
        self._bytes += count
        self._deadline.left()
        if self._bytes - self._shown >= self._EVERY:
            self._shown = self._bytes
            self._progress.note(f"{megabytes(self._bytes)} {self._words}")


def _member(content: bytes) -> Member:
    return Member(len(content), sha256(content).hexdigest())
