"""The store on this host's disk.

Layout below the store's directory::

    objects/ab/<sha256>.<mode>   one file's bytes, with its permission bits; never rewritten
    trees/ab/<digest>.json       which objects make one payload
    results/<key>.json           what building with this cache key gave
    latest/<project>/<name>.json the key inputs of a component's last build, for ``why``
    logs/<key>.log               a build's output
    locks/, scratch/             who is building what, and where

A name appears only after its bytes are on the disk: objects first (flushed together by
syncfs), then the tree, then the result. A process killed anywhere leaves only scratch behind.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from omnibuild.errors import HostLacks, StoreDamaged
from omnibuild.files import sha256_of, sync_filesystem, write_atomic
from omnibuild.store.locks import FileLock
from omnibuild.store.result import BuildResult
from omnibuild.store.scratch import Scratch
from omnibuild.store.tree import Entry, EntryKind, Tree

# Objects carry one fixed time, so a changed file betrays itself and builds see no clock.
OBJECT_MTIME_S = 1
_OBJECT_BITS = 0o777


class LocalStore:
    """Trees and build results under one directory; safe for several processes at once."""

    def __init__(self, directory: Path) -> None:
        # Absolute: programs that run in other folders are given paths of its objects.
        self.directory = directory = directory.absolute()
        for name in ("objects", "trees", "results", "latest", "logs", "locks", "scratch"):
            try:
                (directory / name).mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise HostLacks(
                    f"{directory}: not usable as a store: {error.strerror}", hint="give --store DIR"
                ) from error
        if not os.access(directory / "scratch", os.W_OK | os.X_OK):
            raise HostLacks(f"{directory}: not usable as a store: it cannot be written to", hint="give --store DIR")
        self._scratch = Scratch(directory / "scratch")

    # -- results ---------------------------------------------------------------

    def result(self, key: str) -> BuildResult | None:
        """Return what was built with this key, if its tree is known too.

        Raises StoreDamaged for an unreadable one, which is removed: asked again, there is none.
        """
        path = self._result_path(key)
        try:
            result = BuildResult.load(path.read_bytes())
        except FileNotFoundError:
            return None
        except (ValueError, KeyError) as error:
            path.unlink(missing_ok=True)
            raise StoreDamaged(f"{path}: unreadable result, now removed: {error}", hint="build again") from error
        if not self.has_tree(result.tree):
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # when it was last of use: cleaning goes by it
        return result

    def results(self) -> Iterator[BuildResult]:
        """Yield every result, in the order of their keys."""
        for path in sorted((self.directory / "results").glob("*.json")):
            with contextlib.suppress(ValueError, FileNotFoundError):
                yield BuildResult.load(path.read_bytes())

    def put_result(self, result: BuildResult) -> None:
        """Record a result; its tree must be stored already."""
        write_atomic(self._result_path(result.key), result.dump())

    def used_at(self, key: str) -> float:
        """Return when a result was stored or last found, in seconds since the epoch."""
        return self._result_path(key).stat().st_mtime

    def files(self, part: str, pattern: str = "*") -> Iterator[Path]:
        """Yield the files of a part of the store (``objects``, ``trees``, ``logs``, ``locks``), sorted."""
        folder = self.directory / part
        found = folder.glob(f"*/{pattern}" if part in {"objects", "trees"} else pattern)
        yield from sorted(path for path in found if path.is_file() and not path.name.startswith("."))

    def forget(self, key: str) -> None:
        """Drop a result, so that its component is built anew."""
        self._result_path(key).unlink(missing_ok=True)

    def log_path(self, key: str) -> Path:
        """Where the output of the build with this key is kept."""
        return self.directory / "logs" / f"{key}.log"

    # -- trees -----------------------------------------------------------------

    def tree(self, digest: str) -> Tree:
        """Return a stored tree; StoreDamaged if it is missing or altered."""
        path = self._tree_path(digest)
        try:
            return Tree.load(path.read_bytes(), expect_digest=digest)
        except FileNotFoundError as error:
            raise StoreDamaged(f"{path}: the tree is missing") from error

    def has_tree(self, digest: str) -> bool:
        """Tell whether a tree of this digest is stored."""
        return self._tree_path(digest).is_file()

    def drop_tree(self, digest: str) -> None:
        """Remove a damaged tree, so that it is stored anew by the next build."""
        self._tree_path(digest).unlink(missing_ok=True)

    def ingest(self, directory: Path, tree: Tree) -> None:
        """Move the files of ``directory``, as ``tree`` lists them, into the store.

        The directory must lie on the store's file system and is of no use afterwards.
        """
        files = [entry for entry in tree.entries if entry.kind is EntryKind.FILE]
        for entry in files:
            path = directory / entry.path
            os.chmod(path, entry.mode & _OBJECT_BITS)
            os.utime(path, (OBJECT_MTIME_S, OBJECT_MTIME_S))
        sync_filesystem(directory)
        for entry in files:
            target = self.object_path(entry)
            target.parent.mkdir(exist_ok=True)
            os.replace(directory / entry.path, target)
        sync_filesystem(self.directory)
        write_atomic(self._tree_path(tree.digest), tree.dump())

    def object_path(self, entry: Entry) -> Path:
        """The file that holds an entry's bytes."""
        return Path(self._object(entry))

    def _object(self, entry: Entry) -> str:
        """Return the same as a string: where every file of a prefix is visited, a Path costs more than the visit."""
        return f"{self.directory}/objects/{entry.sha256[:2]}/{entry.sha256}.{entry.mode & _OBJECT_BITS:04o}"

    def touched(self, entries: Iterable[Entry]) -> list[Entry]:
        """Return the entries whose object is missing, or looks changed by size, mode or time.

        This reads no bytes: what a bad disk did is found by ``verify`` only.
        """
        return [e for e in entries if e.kind is EntryKind.FILE and _looks_touched(self._object(e), e)]

    def verify(self, entries: Iterable[Entry], *, workers: int = 2) -> list[Entry]:
        """Return the entries whose object is missing or has other bytes than its name says."""
        files = [entry for entry in entries if entry.kind is EntryKind.FILE]
        with ThreadPoolExecutor(workers) as pool:
            sound = pool.map(lambda entry: _is_sound(self.object_path(entry), entry), files)
            return [entry for entry, good in zip(files, sound, strict=True) if not good]

    def drop_objects(self, entries: Iterable[Entry]) -> None:
        """Remove damaged objects, so that they are stored anew by the next build."""
        for entry in entries:
            self.object_path(entry).unlink(missing_ok=True)

    def materialise(self, tree: Tree, into: Path) -> None:
        """Lay the tree out below ``into``, files as hard links (copies where links cannot be).

        Whoever reads there must not write: the files are the store's own objects. Folders that
        exist already are kept.
        """
        base = os.fspath(into)
        os.makedirs(base, exist_ok=True)
        for entry in tree.entries:
            target = f"{base}/{entry.path}"
            match entry.kind:
                case EntryKind.DIRECTORY:
                    os.makedirs(target, exist_ok=True)
                case EntryKind.SYMLINK:
                    os.symlink(entry.target, target)
                case EntryKind.FILE:
                    _link(self._object(entry), target)
        # Not the caller's umask: a build that adds a file to such a folder would record it.
        for entry in tree.entries:
            if entry.kind is EntryKind.DIRECTORY:
                os.chmod(f"{base}/{entry.path}", entry.mode)

    # -- housekeeping ----------------------------------------------------------

    def lock(self, name: str) -> FileLock:
        """Return the lock of this name, shared by every process that uses the store."""
        return FileLock(self.directory / "locks" / name)

    def scratch(self, name: str) -> Path:
        """Return a new, empty folder on the store's file system, kept while this process lives."""
        return self._scratch.make(name)

    def clear_scratch(self) -> None:
        """Remove what builds of ended processes left behind (kept trees of failures excepted)."""
        self._scratch.clear()

    def _tree_path(self, digest: str) -> Path:
        return self.directory / "trees" / digest[:2] / f"{digest}.json"

    def _result_path(self, key: str) -> Path:
        return self.directory / "results" / f"{key}.json"


def _is_sound(path: Path, entry: Entry) -> bool:
    try:
        return path.stat().st_size == entry.size and sha256_of(path) == entry.sha256
    except OSError as error:
        _require_object_trouble(error)
        return False


def _looks_touched(path: str, entry: Entry) -> bool:
    try:
        status = os.stat(path)
    except OSError as error:
        _require_object_trouble(error)
        return True
    found = (status.st_size, stat.S_IMODE(status.st_mode), int(status.st_mtime))
    return found != (entry.size, entry.mode & _OBJECT_BITS, OBJECT_MTIME_S)


def _require_object_trouble(error: OSError) -> None:
    """Raise HostLacks for what is no fault of the object: a sound one that is dropped is missed by other builds."""
    if error.errno not in {errno.ENOENT, errno.EIO}:
        raise HostLacks(
            f"{error.filename or 'a file of the store'}: {error.strerror}", hint="see `omnibuild doctor`"
        ) from error


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno == errno.ENOENT and not os.path.exists(source):
            raise StoreDamaged(
                f"{source}: this object is missing since a moment ago",
                hint="run the same command again: what needs it is built anew; `omnibuild cache verify` reads the rest",
            ) from error
        if error.errno not in {errno.EMLINK, errno.EXDEV}:
            raise
        shutil.copy2(source, target)
