"""Turns what a build wrote into a payload: scanned, pruned, hashed, judged.

Everything found here came out of a build and is not trusted: paths are taken from the
directory listing only, links are never followed, devices and pipes are refused.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from omnibuild.checks.globs import matches
from omnibuild.component.licence_files import LICENSES
from omnibuild.errors import BuildFailed
from omnibuild.files import remove_tree, sha256_of
from omnibuild.recipe.model import Payload
from omnibuild.store.tree import Entry, EntryKind, Tree

ELF_MAGIC = b"\x7fELF"
_ADDS = "a component adds files only"
_OWNERS = {stat.S_IFREG: stat.S_IRUSR, stat.S_IFDIR: stat.S_IRWXU}
# Where overlayfs notes that a folder hides the one below it: as root, and in a user namespace.
_OPAQUE = ("trusted.overlay.opaque", "user.overlay.opaque")


def prune(directory: Path, scope: str, patterns: Iterable[str]) -> None:
    """Remove what matches the globs (relative to ``scope``; ``**`` spans folders).

    A pattern that matches nothing is an error: it was written for files that are gone.
    """
    base = "" if scope == "." else f"{scope}/"
    paths = [path.removeprefix(base) for path, _ in _walk(directory) if path.startswith(base)]
    for pattern in patterns:
        glob = pattern.removesuffix("/**")
        found = [path for path in paths if matches(glob, path)]
        if not found:
            raise BuildFailed(f"payload.remove: {pattern!r} matches nothing", hint="drop it, or fix the glob")
        for path in found:
            _remove(f"{directory}/{base}{path}")


def _remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        remove_tree(Path(path))
    elif os.path.lexists(path):  # else it went with its folder
        os.unlink(path)


def elf_files(directory: Path) -> list[str]:
    """Return the paths of all ELF files below ``directory``, relative to it, sorted."""
    found = []
    for path, status in _walk(directory):
        if stat.S_ISREG(status.st_mode) and status.st_size > len(ELF_MAGIC):
            with (directory / path).open("rb") as stream:
                if stream.read(4) == ELF_MAGIC:
                    found.append(path)
    return found


def scan(directory: Path, *, lower: Mapping[str, Entry]) -> Tree:
    """Return the tree of everything below ``directory``.

    ``lower`` are the dependencies' entries: what is identical to them is not the
    component's own. Owners get the right to read their files and to use their folders: root,
    who owns them on a node, has it anyway, and an ordinary user's store needs it. Raises
    BuildFailed for a file type that a package cannot hold, and for a dependency's file that
    was removed.
    """
    entries: list[Entry] = []
    files: list[tuple[str, int, int]] = []
    for path, status in _walk(directory):
        mode = stat.S_IMODE(status.st_mode)
        if stat.S_ISREG(status.st_mode):
            files.append((path, mode, status.st_size))
        elif stat.S_ISLNK(status.st_mode):
            entries.append(Entry(path, EntryKind.SYMLINK, target=os.readlink(directory / path)))
        elif stat.S_ISDIR(status.st_mode):
            entries.append(Entry(path, EntryKind.DIRECTORY, mode))
        elif stat.S_ISCHR(status.st_mode) and status.st_rdev == 0:
            raise BuildFailed(f"{path}: the build removed a file of a dependency", hint=_ADDS)
        else:
            raise BuildFailed(f"{path}: the build left a device, pipe or socket", hint="add it to payload.remove")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        digests = pool.map(lambda item: sha256_of(directory / item[0]), files)
        entries += [Entry(p, EntryKind.FILE, m, d, s) for (p, m, s), d in zip(files, digests, strict=True)]
    return Tree.of(_own(entries, lower))


def refuse_hidden(directory: Path, lower: Mapping[str, Entry]) -> None:
    """Raise BuildFailed if what lies below ``directory`` hides a folder of the dependencies laid out below it."""
    for path in sorted(path for path, entry in lower.items() if entry.kind is EntryKind.DIRECTORY):
        full = f"{directory}/{path}"
        if os.path.lexists(full) and not stat.S_ISDIR(os.lstat(full).st_mode):
            raise BuildFailed(f"{path}: the build removed or replaced a folder of a dependency", hint=_ADDS)
        if _is_opaque(full):
            raise BuildFailed(f"{path}: the build removed a folder of a dependency, and made it anew", hint=_ADDS)


def _is_opaque(path: str) -> bool:
    for name in _OPAQUE:
        with contextlib.suppress(OSError):
            if os.getxattr(path, name, follow_symlinks=False) == b"y":
                return True
    return False


def require(tree: Tree, payload: Payload, scope: str) -> None:
    """Raise BuildFailed, with all that is missing, unless the payload has what it must."""
    base = "" if scope == "." else f"{scope}/"
    paths = {entry.path for entry in tree.entries}
    missing = [path for path in payload.must_contain if base + path not in paths]
    if missing:
        raise BuildFailed(
            f"payload.must_contain: not installed: {', '.join(missing)}",
            hint=f"the build installed {len(tree.entries)} entries; see the log for where they went",
        )
    installed = (entry for entry in tree.entries if not entry.path.startswith(f"{LICENSES}/"))
    if not any(entry.kind is not EntryKind.DIRECTORY for entry in installed):
        raise BuildFailed("the build installed nothing into the prefix", hint="does it honour --prefix?")


def _own(entries: Iterable[Entry], lower: Mapping[str, Entry]) -> Iterator[Entry]:
    """Leave out what the dependencies have alike, then folders that hold nothing of our own."""
    own = [entry for entry in entries if lower.get(entry.path) != entry]
    shared_folders = {path for path, entry in lower.items() if entry.kind is EntryKind.DIRECTORY}
    holding = {parent for entry in own if entry.kind is not EntryKind.DIRECTORY for parent in _parents(entry.path)}
    for entry in own:
        if entry.kind is EntryKind.DIRECTORY and entry.path in shared_folders and entry.path not in holding:
            continue
        yield entry
    missing = holding - {entry.path for entry in own}
    yield from (lower[path] for path in sorted(missing) if path in lower)


def _parents(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _walk(directory: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield (path relative to ``directory``, lstat) of everything below it, sorted by folder.

    A link is never followed: where it points to on this host is no business of a build.
    """
    base = os.fspath(directory)
    todo: list[str] = [""]
    while todo:
        folder = todo.pop()
        with os.scandir(f"{base}/{folder}") as listing:
            children = sorted(listing, key=lambda item: item.name)
        for child in children:
            path = f"{folder}/{child.name}" if folder else child.name
            status = child.stat(follow_symlinks=False)
            if (wanted := _OWNERS.get(stat.S_IFMT(status.st_mode), 0)) & ~status.st_mode:
                os.chmod(child.path, stat.S_IMODE(status.st_mode) | wanted)
                status = child.stat(follow_symlinks=False)
            yield path, status
            if stat.S_ISDIR(status.st_mode):
                todo.append(path)
