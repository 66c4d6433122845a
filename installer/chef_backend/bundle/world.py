"""This machine as a bundle is collected from it."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import requests

from chef_backend.base.errors import ChefBackendError, UnsafePath
from chef_backend.base.folders import opened_folder, opened_parent
from chef_backend.base.proc import Command, Runner
from chef_backend.bundle.item import Page, Program

_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CHUNK: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Got:
    """What an item gave: `size` before it was cut, `code` a program's exit code or an answer's HTTP status."""

    content: bytes
    size: int
    code: int | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A file in a folder."""

    name: str
    size: int
    changed_at: float


class World(Protocol):
    """What an item comes from. Methods raise OSError, requests' errors and ChefBackendError."""

    def run(self, program: Program) -> Got:
        """Run a program for the time that it may take."""
        ...

    def tail(self, file: Path, limit: int) -> Got:
        """Return the end of a regular file, from the beginning of a line on."""
        ...

    def ask(self, page: Page) -> Got:
        """Ask a service of this node."""
        ...

    def files(self, folder: Path) -> tuple[Listed, ...]:
        """Return the regular files in a folder, the newest first; none when there is no folder."""
        ...


class RealWorld:
    """See World."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    def run(self, program: Program) -> Got:
        """See World: its complaints follow what it wrote."""
        command = Command(argv=program.argv, timeout_s=program.within_s, env=program.env)
        done = self._runner.run(command, check=False)
        content = "\n".join(part for part in (done.out, done.err) if part).encode(errors="replace")
        return Got(content[-program.limit :], len(content), done.code)

    def tail(self, file: Path, limit: int) -> Got:
        """See World; UnsafePath for what is no regular file: a service's user may have put a link there."""
        with opened_parent(file) as folder, os.fdopen(os.open(file.name, _READ, dir_fd=folder), "rb") as stream:
            found = os.fstat(stream.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise UnsafePath(f"{file} is not a regular file")
            # A file of /proc says that it is empty, and is not.
            if found.st_size <= limit:
                content = stream.read(limit)
                return Got(content, max(found.st_size, len(content)))
            stream.seek(found.st_size - limit)
            content = stream.read(limit)
            return Got(content[content.find(b"\n") + 1 :], found.st_size)

    def ask(self, page: Page) -> Got:
        """See World."""
        with requests.Session() as session:
            session.trust_env = False  # a proxy of the environment is not for this node's own services
            with session.get(page.url, timeout=page.within_s, allow_redirects=False, stream=True) as answer:
                content = bytearray()
                for chunk in answer.iter_content(_CHUNK):
                    content += chunk
                    if len(content) > page.limit:
                        break
                return Got(bytes(content[: page.limit]), len(content), answer.status_code)

    def files(self, folder: Path) -> tuple[Listed, ...]:
        """See World."""
        found = []
        with suppress(OSError, ChefBackendError), opened_folder(folder) as opened:
            for name in os.listdir(opened):  # noqa: PTH208 - of a descriptor, which no path replaces
                with suppress(FileNotFoundError):
                    status = os.stat(name, dir_fd=opened, follow_symlinks=False)
                    if stat.S_ISREG(status.st_mode):
                        found.append(Listed(name, status.st_size, status.st_mtime))
        return tuple(sorted(found, key=lambda each: (-each.changed_at, each.name)))
