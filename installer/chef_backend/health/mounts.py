"""The mount table, and which mount a path is on. Pure; see proc_pid_mountinfo(5)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_SEPARATOR: Final = " - "
_POINT: Final = 4
_FIELDS: Final = 6
_READ_ONLY: Final = "ro"
_ESCAPED: Final = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Mount:
    """A mounted file system; `options` are those of the mount, such as noexec; ro may be the file system's."""

    point: Path
    type: str
    options: tuple[str, ...] = ()


_UNKNOWN: Final = Mount(Path("/"), "unknown")


def mounts(table: str) -> tuple[Mount, ...]:
    """Return the mounts in the order of the table."""
    found = []
    for line in table.splitlines():
        before, _, after = line.partition(_SEPARATOR)
        fields = before.split(" ")
        if len(fields) >= _FIELDS and after:
            options = fields[_FIELDS - 1].split(",")
            of_all = after.split(" ")[2:3]  # of the file system, wherever it is mounted
            options += [_READ_ONLY] if any(_READ_ONLY in each.split(",") for each in of_all) else []
            found.append(Mount(Path(_plain(fields[_POINT])), after.split(" ")[0], tuple(options)))
    return tuple(found)


def mounted(path: Path, table: Iterable[Mount]) -> Mount:
    """Return the mount that a path without links is on: the deepest, and of several the one on top."""
    found = _UNKNOWN
    for mount in table:
        covers = mount.point == path or mount.point in path.parents
        if covers and (found is _UNKNOWN or len(mount.point.parts) >= len(found.point.parts)):
            found = mount
    return found


def _plain(text: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1], 8)), text)
