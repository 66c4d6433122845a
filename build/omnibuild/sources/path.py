"""Location ``path``: a file or folder of this project, or one that overrides a source.

A folder becomes a deterministic archive of the files git would keep (tracked, or new and
not ignored); outside a work tree, of all files. Caches and virtual environments never count.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from omnibuild.errors import InvalidInput
from omnibuild.sources.base import Fetched, FetchOptions, LocationFailed, Request
from omnibuild.sources.dtar import Member, write_tar
from omnibuild.sources.hashing import copy_hashed
from omnibuild.sources.tool import host_environment, run_tool
from omnibuild.sources.urls import plain_name

_NEVER = frozenset(
    {".git", ".venv", "__pycache__", "dist", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"}
)


@dataclass(frozen=True, slots=True)
class LocalPath:
    """A path, absolute or relative to the recipe's folder."""

    path: str

    @property
    def label(self) -> str:
        """``path`` and the path as the recipe states it."""
        return f"path {self.path}"

    @property
    def file_name(self) -> str:
        """The last part of the path."""
        return plain_name(Path(self.path).name)

    def read(self, request: Request) -> Fetched:
        """Copy the file, or archive the folder; InvalidInput for a link that leaves the folder."""
        source = Path(os.path.normpath(request.recipe_dir / self.path))
        out = request.work / "local"
        if source.is_file():
            return Fetched(out, copy_hashed(source, out))
        if not source.is_dir():
            raise LocationFailed(f"no such file or folder: {source}")
        return Fetched(out, write_tar(_members(source, request.options), out))


def _members(folder: Path, options: FetchOptions) -> list[Member]:
    files = _kept_by_git(folder, options) or [name for name in _walk(folder, "") if not _never(name)]
    return [_member(folder, name) for name in sorted(set(files))]


def _member(folder: Path, name: str) -> Member:
    path = folder / name
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        _refuse_escape(folder, name, path)
    elif not stat.S_ISREG(mode):
        raise InvalidInput(f"{path}: neither a file nor a symbolic link", hint="remove it from the source's folder")
    return Member.of_file(name, path)


def _refuse_escape(folder: Path, name: str, path: Path) -> None:
    target = path.readlink()
    landing = os.path.normpath(PurePosixPath(name).parent / target)
    if target.is_absolute() or landing == ".." or landing.startswith("../"):
        raise InvalidInput(f"{path}: symbolic link to {target}, outside {folder}", hint="point it inside the folder")


def _kept_by_git(folder: Path, options: FetchOptions) -> list[str]:
    """Return the files git would keep; none when this is no work tree or all of it is ignored."""
    if shutil.which("git") is None:
        return []
    argv = ["git", "-c", "safe.directory=*", "-c", "core.fsmonitor=false", "-C", str(folder), "ls-files", "-z"]
    try:
        listed = run_tool(
            [*argv, "--cached", "--others", "--exclude-standard", "--", "."],
            cwd=folder,
            env=host_environment(),
            options=options,
        )
    except LocationFailed:
        return []
    names = [name for name in listed.split("\0") if name and not _never(name) and os.path.lexists(folder / name)]
    # A submodule is listed as its folder.
    return [inner for name in names for inner in _expanded(folder, name)]


def _expanded(folder: Path, name: str) -> Iterable[str]:
    path = folder / name
    if path.is_dir() and not path.is_symlink():
        return (inner for inner in _walk(path, name.rstrip("/") + "/") if not _never(inner))
    return (name,)


def _walk(folder: Path, prefix: str) -> Iterable[str]:
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in _NEVER:
                yield from _walk(Path(entry.path), f"{prefix}{entry.name}/")
        else:
            yield prefix + entry.name


def _never(name: str) -> bool:
    return name.endswith(".pyc") or not _NEVER.isdisjoint(name.split("/"))
