"""The things a role can ask for; plain values that know nothing of the host."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chef_backend.base.secret import Secret
from chef_backend.resources.effects import EffectRule, Effects

MAX_CONTENT = 4 << 20  # bytes of a file that can be managed
NOLOGIN = "/usr/sbin/nologin"


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A regular file with this content, owner and mode; a Secret or `sensitive` one is never shown.

    ValueError for a Secret that everybody may read.
    """

    path: Path
    content: bytes | Secret = field(repr=False)
    owner: str = "root"
    group: str = "root"
    mode: int = 0o644
    sensitive: bool = False
    effects: Effects | EffectRule = ()

    def __post_init__(self) -> None:
        _check_path(self.path)
        if len(self.data) > MAX_CONTENT:
            raise ValueError(f"{self.path} has {len(self.data)} bytes, more than {MAX_CONTENT}")
        if isinstance(self.content, Secret) and self.mode & 0o007:
            raise ValueError(f"{self.path} is to hold a secret, and mode {self.mode:04o} lets everybody read it")

    @property
    def data(self) -> bytes:
        """The bytes to write."""
        return self.content.reveal().encode() if isinstance(self.content, Secret) else self.content

    @property
    def sha256(self) -> str:
        """The content's checksum."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def hidden(self) -> bool:
        """Whether the content must not be shown."""
        return self.sensitive or isinstance(self.content, Secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """A folder; root's own symbolic link to one elsewhere is as good."""

    path: Path
    owner: str = "root"
    group: str = "root"
    mode: int = 0o755

    def __post_init__(self) -> None:
        _check_path(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Symlink:
    """A symbolic link with this text."""

    path: Path
    target: str
    effects: Effects = ()

    def __post_init__(self) -> None:
        _check_path(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvDir:
    """A folder for `chpst -e`: a file for each variable, and no other."""

    path: Path
    variables: Mapping[str, str | Secret]
    owner: str = "root"
    group: str = "root"
    mode: int = 0o750
    file_mode: int = 0o640
    effects: Effects = ()

    def __post_init__(self) -> None:
        _check_path(self.path)
        for name in self.variables:
            if not name or name.startswith(".") or any(char in name for char in "=/\0\n"):
                raise ValueError(f"{name!r} is no name of an environment variable")

    def parts(self) -> tuple[Directory | File, ...]:
        """Return the folder and its files."""
        folder = Directory(path=self.path, owner=self.owner, group=self.group, mode=self.mode)
        return folder, *(self._file(name, value) for name, value in sorted(self.variables.items()))

    def _file(self, name: str, value: str | Secret) -> File:
        plain = value.reveal() if isinstance(value, Secret) else value
        # chpst takes the first line, without trailing blanks, turns NUL into a line break,
        # and unsets the variable of an empty file: http://smarden.org/runit/chpst.8.html
        text = plain.replace("\n", "\0") + "\n"
        return File(
            path=self.path / name,
            content=Secret(text) if isinstance(value, Secret) else text.encode(),
            owner=self.owner,
            group=self.group,
            mode=self.file_mode,
            effects=self.effects,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """Nothing at this path: a file or link there is removed whoever made it, a folder only when empty."""

    path: Path
    effects: Effects = ()

    def __post_init__(self) -> None:
        _check_path(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A system group; one that exists is taken as it is, wherever it comes from."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A system account without login; one that exists is taken as it is, wherever it comes from."""

    name: str
    group: str
    home: Path
    shell: str = NOLOGIN
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A command to run after the others, when one of the paths `when` changed."""

    name: str
    argv: tuple[str, ...]
    when: tuple[Path, ...]
    timeout_s: float = 60.0


Placed = File | Directory | Symlink | Absent
Account = Group | User
Resource = Placed | EnvDir | Account | Action


def _check_path(path: Path) -> None:
    if not path.is_absolute() or ".." in path.parts or path == Path("/"):
        raise ValueError(f"{path} is no path that a resource can have")
