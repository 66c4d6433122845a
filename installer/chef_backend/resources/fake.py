"""A Host in memory: for tests, of the engine and of whatever makes resources."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from chef_backend.base.errors import Conflict, WriteFailed
from chef_backend.base.folders import Access
from chef_backend.resources.host import MISSING, Identity, Kind, Observed
from chef_backend.resources.model import Action, Group, User

ROOT = Path("/")
_NOWHERE = Path("/links in a circle/x")
_MAX_LINKS = 40


class Interrupted(BaseException):
    """The machine stopped here, as by a power cut."""


class FakeHost:
    """A tree of files, accounts, and the actions run; `fails_at` stops it before that many changes.

    `full_at` leaves no room on its disk for any write from the one of that number on. `tick` is called at each change:
    it lets time pass; `before` is called before each, with how many there were. What else is changed on the same
    machine is counted by `spend`, too.
    """

    def __init__(
        self, *, fails_at: int | None = None, full_at: int | None = None, tick: Callable[[], None] = lambda: None
    ) -> None:
        self.tree: dict[Path, Observed] = {ROOT: Observed(Kind.FOLDER, mode=0o755)}
        self.users: dict[str, Identity] = {"root": Identity(0, 0)}
        self.groups: dict[str, int] = {"root": 0}
        self.ran: list[str] = []
        self.fails_at = fails_at
        self.full_at = full_at
        self.changes = 0
        self.writes = 0
        self.before: Callable[[int], None] = lambda _number: None
        self._tick = tick

    def spend(self) -> None:
        """Count a change about to be made; Interrupted where the machine stops before it."""
        if self.fails_at is not None and self.changes >= self.fails_at:
            raise Interrupted
        self._tick()
        self.before(self.changes)
        self.changes += 1

    def add(self, path: Path, found: Observed) -> None:
        """Put something at `path`, with root's folders on the way to it."""
        for parent in reversed(path.parents):
            self.tree.setdefault(parent, Observed(Kind.FOLDER, mode=0o755))
        if found.kind is Kind.FILE:
            found = replace(found, sha256=hashlib.sha256(found.content).hexdigest())
        self.tree[path] = found

    def observe(self, path: Path, *, through_link: bool = False) -> Observed:
        """See Host."""
        found = self.tree.get(self._real(path), MISSING)
        if found.kind is Kind.LINK and through_link:
            behind = self.tree.get(self._real(path / "x").parent, MISSING)
            return behind if behind.kind is Kind.FOLDER else found
        return found

    def list_folder(self, path: Path) -> tuple[str, ...]:
        """See Host."""
        real = self._real(path / "x").parent
        return tuple(sorted(item.name for item in self.tree if item.parent == real and item != ROOT))

    def user(self, name: str) -> Identity | None:
        """See Host."""
        return self.users.get(name)

    def group(self, name: str) -> int | None:
        """See Host."""
        return self.groups.get(name)

    def user_name(self, uid: int) -> str:
        """See Host."""
        return next((name for name, item in self.users.items() if item.uid == uid), str(uid))

    def group_name(self, gid: int) -> str:
        """See Host."""
        return next((name for name, number in self.groups.items() if number == gid), str(gid))

    def write_file(self, path: Path, content: bytes, access: Access) -> None:
        """See Host."""
        self._write(path)
        found = Observed(Kind.FILE, access.uid, access.gid, access.mode, content=content)
        self._put(path, replace(found, sha256=hashlib.sha256(content).hexdigest()))

    def make_folder(self, path: Path, access: Access) -> None:
        """See Host."""
        self._write(path)
        there = self.observe(path, through_link=True)
        found = Observed(Kind.FOLDER, access.uid, access.gid, access.mode)
        if there.kind is Kind.FOLDER:
            self.tree[self._real(path / "x").parent] = found
        elif there.kind is Kind.MISSING:
            self._put(path, found)
        else:
            raise Conflict(f"{path} is a {there.kind}")

    def write_link(self, path: Path, target: str) -> None:
        """See Host."""
        self._write(path)
        self._put(path, Observed(Kind.LINK, target=target))

    def remove_file(self, path: Path) -> None:
        """See Host."""
        self.spend()
        if self.observe(path).kind is Kind.FOLDER:
            raise Conflict(f"{path} is a folder")
        real = self._real(path)
        if self.tree.get(real.parent, MISSING).kind is not Kind.FOLDER:
            raise WriteFailed(f"{path} could not be removed: its folder does not exist")
        self.tree.pop(real, None)

    def remove_folder(self, path: Path) -> None:
        """See Host."""
        self.spend()
        if self.list_folder(path):
            raise Conflict(f"{path} is not empty")
        self.tree.pop(self._real(path), None)

    def remove_leftovers(self, folder: Path) -> None:
        """See Host: a machine in memory leaves none."""

    def add_group(self, group: Group) -> None:
        """See Host."""
        self.spend()
        self.groups.setdefault(group.name, 900 + len(self.groups))

    def add_user(self, user: User) -> None:
        """See Host."""
        self.spend()
        self.users.setdefault(user.name, Identity(900 + len(self.users), self.groups[user.group]))

    def run(self, action: Action) -> None:
        """See Host."""
        self.spend()
        self.ran.append(action.name)

    def _put(self, path: Path, found: Observed) -> None:
        real = self._real(path)
        if self.tree.get(real.parent, MISSING).kind is not Kind.FOLDER:
            raise WriteFailed(f"{path} could not be written: its folder does not exist")
        if self.tree.get(real, MISSING).kind is Kind.FOLDER:
            raise Conflict(f"{path} is a folder")
        self.tree[real] = found

    def _real(self, path: Path, links: int = 0) -> Path:
        """Return the path with the links of its folders followed; one that does not exist for links in a circle."""
        if links > _MAX_LINKS:
            return _NOWHERE
        real = ROOT
        for number, part in enumerate(path.parts[1:], 2):
            real /= part
            found = self.tree.get(real, MISSING)
            if found.kind is Kind.LINK and number < len(path.parts):
                real = self._real(real.parent / found.target / "x", links + 1).parent
        return real

    def _write(self, path: Path) -> None:
        self.spend()
        self.writes += 1
        if self.full_at is not None and self.writes > self.full_at:
            raise WriteFailed(f"no room to write {path}: No space left on device; what was there is as it was")
