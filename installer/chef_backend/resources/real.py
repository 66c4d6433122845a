"""This machine as a Host."""

from __future__ import annotations

import errno
import grp
import hashlib
import os
import pwd
import stat
from pathlib import Path

from chef_backend.base import atomic, folders
from chef_backend.base.errors import CommandFailed, NotPermitted
from chef_backend.base.folders import Access, opened_folder, opened_parent
from chef_backend.base.proc import Command, Runner
from chef_backend.resources.host import MISSING, Identity, Kind, Observed
from chef_backend.resources.model import MAX_CONTENT, NOLOGIN, Action, Group, User

_ACCOUNT_TIMEOUT_S = 60.0
_ALREADY_THERE = 9  # groupadd(8), useradd(8): the name is in use


class RealHost:
    """Reads and changes this machine's files and accounts."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    def observe(self, path: Path, *, through_link: bool = False) -> Observed:
        """See Host; NotPermitted where the caller may not look, UnsafePath behind somebody else's link."""
        try:
            if path == path.parent:
                with opened_folder(path) as root:
                    return _observed(Kind.FOLDER, os.fstat(root))
            with opened_parent(path) as parent:
                found = os.stat(path.name, dir_fd=parent, follow_symlinks=False)
                if stat.S_ISREG(found.st_mode):
                    content = atomic.read_at(parent, path.name, path, MAX_CONTENT + 1)
                    return _observed(Kind.FILE, found, content=content)
                if stat.S_ISLNK(found.st_mode):
                    return _behind(path, found, os.readlink(path.name, dir_fd=parent), through=through_link)
                return _observed(Kind.FOLDER if stat.S_ISDIR(found.st_mode) else Kind.OTHER, found)
        except (FileNotFoundError, NotADirectoryError):
            return MISSING
        except PermissionError as error:
            raise NotPermitted(f"{path} may not be read: {error.strerror}", hint="run the command as root") from None

    def list_folder(self, path: Path) -> tuple[str, ...]:
        """See Host."""
        try:
            with opened_folder(path) as folder:
                return tuple(sorted(os.listdir(folder)))  # noqa: PTH208 - of a descriptor, which no path replaces
        except (FileNotFoundError, NotADirectoryError):
            return ()

    def user(self, name: str) -> Identity | None:
        """See Host: asks what `getent passwd` asks."""
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            return None
        return Identity(found.pw_uid, found.pw_gid)

    def group(self, name: str) -> int | None:
        """See Host: asks what `getent group` asks."""
        try:
            return grp.getgrnam(name).gr_gid
        except KeyError:
            return None

    def user_name(self, uid: int) -> str:
        """See Host."""
        try:
            return pwd.getpwuid(uid).pw_name
        except KeyError:
            return str(uid)

    def group_name(self, gid: int) -> str:
        """See Host."""
        try:
            return grp.getgrgid(gid).gr_name
        except KeyError:
            return str(gid)

    def write_file(self, path: Path, content: bytes, access: Access) -> None:
        """See Host."""
        atomic.write_file(path, content, access)

    def make_folder(self, path: Path, access: Access) -> None:
        """See Host."""
        with atomic.translated(path):
            try:
                folders.make_folder(path, access)
            except FileExistsError:
                folders.set_folder(path, access)

    def write_link(self, path: Path, target: str) -> None:
        """See Host."""
        atomic.write_link(path, target)

    def remove_file(self, path: Path) -> None:
        """See Host."""
        atomic.remove_file(path)

    def remove_folder(self, path: Path) -> None:
        """See Host."""
        atomic.remove_folder(path)

    def remove_leftovers(self, folder: Path) -> None:
        """See Host."""
        atomic.remove_leftovers(folder)

    def add_group(self, group: Group) -> None:
        """See Host."""
        self._account("groupadd", "--system", group.name)

    def add_user(self, user: User) -> None:
        """See Host; the home folder is a resource of its own."""
        shell = user.shell if user.shell != NOLOGIN or Path(NOLOGIN).exists() else "/bin/false"
        options = ["--gid", user.group, "--home-dir", str(user.home), "--no-create-home", "--shell", shell]
        self._account("useradd", "--system", *options, "--comment", user.comment, user.name)

    def run(self, action: Action) -> None:
        """See Host."""
        self._runner.run(Command(argv=action.argv, timeout_s=action.timeout_s, umask=0o022))

    def _account(self, *argv: str) -> None:
        accept = frozenset({0, _ALREADY_THERE})
        try:
            self._runner.run(Command(argv=argv, timeout_s=_ACCOUNT_TIMEOUT_S, umask=0o022, accept=accept))
        except CommandFailed as error:
            raise CommandFailed(
                f"the account {argv[-1]} could not be made\n{error.message}",
                hint="where accounts come from a directory service, make it there; then run the command again",
            ) from None


def _behind(path: Path, link: os.stat_result, target: str, *, through: bool) -> Observed:
    """Return the folder that a link leads to, the link itself where it leads to none or is what was asked for."""
    if through:
        try:
            with opened_folder(path) as folder:
                return _observed(Kind.FOLDER, os.fstat(folder))
        except OSError as error:
            if error.errno not in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}:
                raise
    return _observed(Kind.LINK, link, target=target)


def _observed(kind: Kind, found: os.stat_result, content: bytes = b"", target: str = "") -> Observed:
    return Observed(
        kind,
        found.st_uid,
        found.st_gid,
        stat.S_IMODE(found.st_mode),
        sha256=hashlib.sha256(content).hexdigest() if kind is Kind.FILE else "",
        target=target,
        changed_at=found.st_mtime,
        content=content,
    )
