"""What a deletion may touch: decided for each thing that it comes across. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Final

_BACKUP: Final = re.compile(r"chef-backup-.*\.(?:tgz|tar\.gz)")
_MADE_BY_MKFS: Final = "lost+found"
_DEEPEST: Final = 200


class Kind(Enum):
    """What something is; a link is never followed."""

    FOLDER = "folder"
    LINK = "link"
    OTHER = "file"


@dataclass(frozen=True, slots=True)
class Found:
    """Something in a folder: `identity` is its device and inode, `mounted` says that it is not of its folder's mount.

    `depth` counts from the folder that is to be deleted; `target` is where a link leads.
    """

    path: Path
    kind: Kind
    identity: tuple[int, int] = (0, 0)
    mounted: bool = False
    folder_is_mounted: bool = False
    depth: int = 0
    target: str = ""


class Act(Enum):
    """What to do with it."""

    REMOVE = "remove the file or link"
    CLEAR = "remove what is in the folder, then the folder"
    EMPTY = "remove what is in the folder"
    LEAVE = "leave it as it is"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do, and what to tell the operator about it, "" when nothing; `failed` when it should have been more."""

    act: Act
    reason: str = ""
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Guard:
    """What is known of a node: its `own` folders, which may be mount points; the identity of the folder of backups.

    `inside` are the folders that links may lead into without a word, since what is there is deleted or the package's.
    """

    own: frozenset[Path] = frozenset()
    backups: tuple[int, int] | None = None
    inside: tuple[Path, ...] = field(default=())

    def verdict(self, found: Found) -> Verdict:
        """Return what to do with what was found below a folder that is to be deleted."""
        match found.kind:
            case Kind.LINK:
                return self._of_link(found)
            case Kind.FOLDER:
                return self._of_folder(found)
            case _ if _BACKUP.fullmatch(found.path.name):
                return Verdict(Act.LEAVE, "it is a backup")
            case _:
                return Verdict(Act.REMOVE)

    def _of_link(self, found: Found) -> Verdict:
        target = Path(found.target)
        if not target.is_absolute() or any(folder in (target, *target.parents) for folder in self.inside):
            return Verdict(Act.REMOVE)
        return Verdict(Act.REMOVE, f"it led to {target}, where everything is as it was")

    def _of_folder(self, found: Found) -> Verdict:
        if found.identity == self.backups:
            return Verdict(Act.LEAVE, "backups are in it")
        if found.mounted and found.path not in self.own:
            return Verdict(Act.LEAVE, "another file system is mounted there")
        if found.depth > _DEEPEST:
            return Verdict(Act.LEAVE, "folders are nested too deeply there", failed=True)
        if found.folder_is_mounted and found.path.name == _MADE_BY_MKFS:
            return Verdict(Act.LEAVE)
        if found.mounted:
            return Verdict(Act.EMPTY, "a file system is mounted there, which was emptied")
        return Verdict(Act.CLEAR)
