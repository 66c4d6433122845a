"""What git prints about objects, read: trees, submodules, and the blobs themselves."""

from __future__ import annotations

import io
import posixpath
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from omnibuild.sources.base import LocationFailed
from omnibuild.sources.tool import host_environment

_HEAD_FIELDS = 3  # git cat-file --batch: name, type, size


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One path of a commit's tree; ``mode`` is git's own, six octal digits."""

    mode: str
    object: str
    size: int
    path: str

    @property
    def executable(self) -> bool:
        """True for a file with the execute bit."""
        return self.mode == "100755"

    @property
    def is_link(self) -> bool:
        """True for a symbolic link, whose blob is its target."""
        return self.mode == "120000"

    @property
    def is_submodule(self) -> bool:
        """True where the tree names a commit of another repository."""
        return self.mode == "160000"


def parse_tree(listed: str) -> list[TreeEntry]:
    """Read ``git ls-tree -r -z -l``."""
    entries: list[TreeEntry] = []
    for line in filter(None, listed.split("\0")):
        head, path = line.split("\t", 1)
        mode, _, name, size = head.split()
        entries.append(TreeEntry(mode, name, 0 if size == "-" else int(size), path))
    return entries


def parse_submodules(listed: str) -> dict[str, str]:
    """Read ``git config -z --list`` of a .gitmodules: path → url."""
    settings: dict[str, dict[str, str]] = {}
    for item in filter(None, listed.split("\0")):
        key, _, value = item.partition("\n")
        name, _, field = key.rpartition(".")
        settings.setdefault(name, {})[field] = value
    return {found["path"]: found["url"] for found in settings.values() if {"path", "url"} <= found.keys()}


def submodule_url(repository: str, url: str) -> str:
    """Return a submodule's address; ``./`` and ``../`` are relative to its repository (gitmodules(5))."""
    if not url.startswith(("./", "../")):
        return url
    scheme, separator, rest = repository.rpartition("://")
    return scheme + separator + posixpath.normpath(posixpath.join(rest, url))


class Blobs:
    """Reads blobs of one repository through a single ``git cat-file --batch``."""

    def __init__(self, git: str, folder: Path) -> None:
        argv = (git, "-c", "safe.directory=*", f"--git-dir={folder}", "cat-file", "--batch")
        self._process = subprocess.Popen(
            argv,
            cwd=folder,
            env=host_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def read(self, name: str) -> bytes:
        """Return the bytes of a blob."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise LocationFailed("git cat-file has no pipes")
        stdin.write(f"{name}\n".encode())
        stdin.flush()
        head = stdout.readline().split()
        if len(head) != _HEAD_FIELDS or head[1] != b"blob":
            raise LocationFailed(f"the clone lacks the object {name}: {b' '.join(head).decode(errors='replace')}")
        data = stdout.read(int(head[2]) + 1)
        return data[:-1]

    def open(self, name: str) -> IO[bytes]:
        """Return a blob as a stream."""
        return io.BytesIO(self.read(name))

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()
