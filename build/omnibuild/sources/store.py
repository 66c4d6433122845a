"""The source cache: ``sources/<sha256>/<file name>``, one complete, verified file each.

A file gets its final name only when its bytes were hashed, compared and synced. Each is
hashed again on its first use by a process, so damage on the disk never reaches a build.
``sources`` can be passed to another host as its ``--mirror-dir``. Beside it lie ``bad/``
(files with unexpected bytes, kept for a look) and ``sources/.partial``, ``sources/.locks``.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from omnibuild.errors import StoreBusy
from omnibuild.files import sha256_of
from omnibuild.sources.base import FetchOptions, Warn

_POLL_S = 0.1


class SourceStore:
    """The cache below one folder; safe for several threads and several processes."""

    def __init__(self, cache: Path) -> None:
        self.cache = cache
        self.root = cache / "sources"
        self._verified: set[str] = set()
        self._guard = threading.Lock()

    def find(self, sha256: str, warn: Warn) -> Path | None:
        """Return the cached file with these bytes, if there is one; a damaged one is set aside."""
        files = [path for path in self._folder(sha256).glob("*") if path.is_file()]
        if not files:
            return None
        path = min(files)
        with self._guard:
            if sha256 in self._verified:
                return path
        actual = sha256_of(path)
        if actual != sha256:
            kept = self.set_aside(path, actual, path.name)
            warn(f"the cached source {path} was damaged (sha256 {actual}); it was moved to {kept}")
            return None
        self._remember(sha256)
        return path

    def adopt(self, file: Path, sha256: str, name: str) -> Path:
        """Give a complete file, whose bytes have this sha256, its final place; atomic and durable."""
        target = self._folder(sha256) / name
        target.parent.mkdir(parents=True, exist_ok=True)
        file.chmod(0o444)
        _sync(file)
        file.replace(target)
        _sync(target.parent)
        self._remember(sha256)
        return target

    def set_aside(self, file: Path, actual: str, name: str) -> Path:
        """Move a file with unexpected bytes to ``bad/<its sha256>-<name>``."""
        kept = self.cache / "bad" / f"{actual}-{name}"
        kept.parent.mkdir(parents=True, exist_ok=True)
        file.replace(kept)
        return kept

    def work(self, sha256: str) -> Path:
        """Return the folder of unfinished files of this source; use it under ``lock``."""
        folder = self.root / ".partial" / sha256
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def done(self, sha256: str) -> None:
        """Remove the unfinished files of a source that has arrived."""
        shutil.rmtree(self.root / ".partial" / sha256, ignore_errors=True)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Yield a private folder on the cache's file system, removed afterwards."""
        partial = self.root / ".partial"
        partial.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=partial, prefix="tmp-") as folder:
            yield Path(folder)

    @contextmanager
    def lock(self, key: str, options: FetchOptions) -> Iterator[None]:
        """Hold the one lock for ``key`` among all threads and processes that use this cache."""
        with file_lock(self.root / ".locks" / key, options):
            yield

    def _folder(self, sha256: str) -> Path:
        return self.root / sha256

    def _remember(self, sha256: str) -> None:
        with self._guard:
            self._verified.add(sha256)


@contextmanager
def file_lock(path: Path, options: FetchOptions) -> Iterator[None]:
    """Hold an exclusive lock on ``path``; StoreBusy after ``options.tool_timeout_s``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline_s = time.monotonic() + options.tool_timeout_s
    with path.open("wb") as stream:
        while True:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline_s:
                    raise StoreBusy(f"{path} is held by another fetch", hint="wait for it, or end it") from None
                options.pause(_POLL_S)
        yield


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
