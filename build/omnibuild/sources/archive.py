"""Unpacks a source: only what can land inside its own folder, and all of it or nothing.

A single top-level folder is stripped. Execute bits and modification times are kept (make
compares the times of generated files); owners, setuid bits and write bits of others are not.
Refused, naming archive and member: absolute paths, ``..``, devices and pipes, links that
leave the folder, one path twice, encrypted members, and archives beyond the limits.
Symbolic links are made after all files, so that no file is ever written through one.
"""

from __future__ import annotations

import os
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from omnibuild.errors import UnsafeArchive
from omnibuild.sources.members import DEFAULT_LIMITS, Inspector, Item, Kind, Limits
from omnibuild.sources.tarmembers import tar_items
from omnibuild.sources.zipmembers import zip_items

__all__ = ["DEFAULT_LIMITS", "Limits", "unpack"]

_DAMAGED = (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)
_CHUNK = 1 << 20


def unpack(archive: Path, into: Path, *, limits: Limits = DEFAULT_LIMITS, name: str | None = None) -> None:
    """Fill the folder ``into`` (absent or empty) from a tar (gz, bz2, xz, zst), zip or wheel.

    Anything else is copied as the file ``name`` (default: the archive's own). Atomic:
    ``into`` appears complete, or not at all. Raises UnsafeArchive.
    """
    into.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=into.parent, prefix=f".{into.name}.") as scratch:
        extraction = _Extraction(Path(scratch), Inspector(str(archive), limits))
        try:
            with _members(archive, limits) as items:
                tree = extraction.copy(archive, name) if items is None else extraction.run(items)
        except _DAMAGED as error:
            raise UnsafeArchive(f"{archive}: damaged: {error}", hint="pin an archive that is complete") from error
        tree.replace(into)


@contextmanager
def _members(archive: Path, limits: Limits) -> Iterator[Iterator[Item] | None]:
    """Yield the members; None for a file that is no archive. The content tells, not the name."""
    with ExitStack() as stack:
        items = stack.enter_context(zip_items(archive))
        yield items if items is not None else stack.enter_context(tar_items(archive, limits))


@dataclass(slots=True)
class _Extraction:
    root: Path
    inspector: Inspector
    symlinks: dict[str, str] = field(default_factory=dict)
    mtimes_s: dict[str, float] = field(default_factory=dict)

    def copy(self, archive: Path, name: str | None) -> Path:
        tree = self.root / "tree"
        tree.mkdir()
        tree.chmod(0o755)
        shutil.copyfile(archive, tree / (name or archive.name))
        (tree / (name or archive.name)).chmod(0o644)
        return tree

    def run(self, items: Iterable[Item]) -> Path:
        tree = self.root / "tree"
        self._folder(tree)
        for item in items:
            self._add(tree, item, self.inspector.admit(item))
        top = self._top()
        self._link(tree, top)
        for path in sorted(self.mtimes_s, reverse=True):
            _set_mtime(tree / path, self.mtimes_s[path])
        return tree / top

    def _add(self, tree: Path, item: Item, path: str) -> None:
        target = tree / path
        match item.kind:
            case Kind.DIRECTORY:
                self._folder(target)
                self.mtimes_s[path] = item.mtime_s
            case Kind.FILE:
                self._folder(target.parent)
                self._write(item, target)
            case Kind.SYMLINK:
                self._folder(target.parent)
                self.symlinks[path] = item.target
            case Kind.HARDLINK:
                self._folder(target.parent)
                self._hard_link(tree, item, path)

    def _folder(self, path: Path) -> None:
        if not path.is_dir():
            if path != self.root:
                self._folder(path.parent)
            path.mkdir()
            path.chmod(0o755)

    def _write(self, item: Item, target: Path) -> None:
        if item.open is None:
            raise self.inspector.refusal(item, "has no content")
        left = item.size
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with item.open() as reader, os.fdopen(descriptor, "wb") as writer:
            while chunk := reader.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    break
                writer.write(chunk)
            os.fchmod(descriptor, 0o755 if item.executable else 0o644)
        if left != 0:
            raise self.inspector.refusal(item, f"does not have the {item.size} bytes that it states")
        _set_mtime(target, item.mtime_s)

    def _hard_link(self, tree: Path, item: Item, path: str) -> None:
        source = self.inspector.path(item, item.target)
        match self.inspector.kinds.get(source):
            case Kind.FILE | Kind.HARDLINK if source not in self.symlinks:
                (tree / path).hardlink_to(tree / source)
            case Kind.SYMLINK | Kind.HARDLINK:
                self.symlinks[path] = self.symlinks[source]
            case _:
                raise self.inspector.refusal(item, f"is a hard link to {item.target}, which is no earlier file")

    def _top(self) -> str:
        """Return the single top-level folder's name, empty when there is none to strip."""
        tops = {path.split("/", 1)[0] for path in self.inspector.kinds if path}
        only = tops.pop() if len(tops) == 1 else ""
        return only if self.inspector.kinds.get(only) is Kind.DIRECTORY else ""

    def _link(self, tree: Path, top: str) -> None:
        """Make the symbolic links, then ask the kernel's view too: links can lead out together."""
        for path, target in self.symlinks.items():
            self.inspector.refuse_escape(path.removeprefix(f"{top}/") if top else path, target)
            (tree / path).symlink_to(target)
        inside = os.path.realpath(tree / top)
        for path, target in self.symlinks.items():
            landing = os.path.realpath(tree / path)
            if landing != inside and not landing.startswith(f"{inside}/"):
                why = f"is a symbolic link to {target!r}, through others outside the folder"
                raise self.inspector.refusal(Item(path, Kind.SYMLINK), why)


def _set_mtime(path: Path, mtime_s: float) -> None:
    moment_ns = max(0, int(mtime_s * 1_000_000_000))
    os.utime(path, ns=(moment_ns, moment_ns))
