"""The machine as the engine sees it: what is at a path, who the accounts are, and the changes it can make."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from chef_backend.base.folders import Access
from chef_backend.resources.model import Action, Group, User


class Kind(StrEnum):
    """What is at a path."""

    MISSING = "nothing"
    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    OTHER = "special file"


@dataclass(frozen=True, slots=True)
class Observed:
    """What is at a path; content and checksum of its first MAX_CONTENT + 1 bytes, `target` of a link."""

    kind: Kind
    uid: int = 0
    gid: int = 0
    mode: int = 0
    sha256: str = ""
    target: str = ""
    changed_at: float = 0.0
    content: bytes = field(default=b"", repr=False)


MISSING = Observed(Kind.MISSING)


@dataclass(frozen=True, slots=True)
class Identity:
    """An account that exists: its ids."""

    uid: int
    gid: int


class Host(Protocol):
    """A machine; each change is whole or not made at all, and making it twice is no error."""

    def observe(self, path: Path, *, through_link: bool = False) -> Observed:
        """Return what is at `path`, or where the link there leads if its owner may be trusted."""
        ...

    def list_folder(self, path: Path) -> tuple[str, ...]:
        """Return the names in a folder, sorted; none when there is no folder."""
        ...

    def user(self, name: str) -> Identity | None:
        """Look up an account, local or of a directory service."""
        ...

    def group(self, name: str) -> int | None:
        """Look up a group, local or of a directory service."""
        ...

    def user_name(self, uid: int) -> str:
        """Return the account's name, or the number as text when it has none."""
        ...

    def group_name(self, gid: int) -> str:
        """Return the group's name, or the number as text when it has none."""
        ...

    def write_file(self, path: Path, content: bytes, access: Access) -> None:
        """Make or replace a file or link by this file."""
        ...

    def make_folder(self, path: Path, access: Access) -> None:
        """Make a folder, or give the one there this access."""
        ...

    def write_link(self, path: Path, target: str) -> None:
        """Make or replace a file or link by this link."""
        ...

    def remove_file(self, path: Path) -> None:
        """Remove a file or link."""
        ...

    def remove_folder(self, path: Path) -> None:
        """Remove an empty folder."""
        ...

    def remove_leftovers(self, folder: Path) -> None:
        """Remove what an interrupted run left in a folder."""
        ...

    def add_group(self, group: Group) -> None:
        """Make a system group."""
        ...

    def add_user(self, user: User) -> None:
        """Make a system account."""
        ...

    def run(self, action: Action) -> None:
        """Run an action's command."""
        ...
