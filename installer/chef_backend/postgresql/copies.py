"""Copies of the data as PostgreSQL's own programs make, check and start them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from chef_backend.base.atomic import remove_file, write_file
from chef_backend.base.errors import Conflict
from chef_backend.base.folders import Access
from chef_backend.base.proc import Command, Runner
from chef_backend.postgresql.standby import RECOVERY_CONF, STANDBY_CONF, STANDBY_SIGNAL
from chef_backend.postgresql.versions import Version

_VERIFY_S: Final = 3600.0
_RECOVERY_S: Final = 6 * 3600.0
_REACH_S: Final = 30.0
_RECOVERY_SIGNAL: Final = "recovery.signal"
_RECOVERY_DONE: Final = "recovery.done"
# There is no more WAL than the copy has; where that ends the server begins a timeline of its own.
_NO_MORE: Final = "restore_command"
# A server for nobody: it needs neither the certificate, nor the archive, nor the memory of the node's own.
_ALONE: Final = {
    "archive_mode": "off",
    "hot_standby": "off",
    "huge_pages": "off",
    "shared_buffers": "64MB",
    "ssl": "off",
}


class Copies(Protocol):
    """Copies of this node's data, each in a folder of its own."""

    def copy(self, into: Path, timeout_s: float) -> None:
        """Copy the running server's data into a folder that is not there yet, with all WAL it needs; CommandFailed."""
        ...

    def verify(self, folder: Path) -> None:
        """Compare a copy with what the server said of it; CommandFailed where it differs."""
        ...

    def recover(self, folder: Path, access: Access) -> None:
        """Make a copy, whose files have this owner, a leader's data that was shut down in order, on a new timeline.

        Raises CommandFailed when it is not fit to start, Conflict when its owner cannot enter the folder.
        """
        ...


@dataclass(frozen=True, slots=True)
class ServerCopies:
    """See Copies; the caller is root or `owner`, the user that the server runs as."""

    runner: Runner
    bin_folder: Path
    version: Version
    socket_folder: Path
    port: int
    superuser: str
    owner: str

    def copy(self, into: Path, timeout_s: float) -> None:
        """See Copies: the WAL comes beside the data meanwhile, so that none can be recycled before it is copied."""
        where = ("-h", str(self.socket_folder), "-p", str(self.port), "-U", self.superuser, "-w")
        how = ("-F", "p", "-X", "stream", "-c", "fast", "-l", "chef-backend-ctl backup", "-D", str(into))
        self._run("pg_basebackup", (*where, *how), timeout_s)

    def verify(self, folder: Path) -> None:
        """See Copies; before PostgreSQL 13 there is nothing to compare with."""
        if self.version.has_backup_manifest:
            self._run("pg_verifybackup", ("-q", str(folder)), _VERIFY_S)

    def recover(self, folder: Path, access: Access) -> None:
        """See Copies: https://www.postgresql.org/docs/15/app-postgres.html, "--single"."""
        self._require_reach(folder)
        for name in (STANDBY_SIGNAL, STANDBY_CONF):
            if (folder / name).parent.is_dir():
                remove_file(folder / name)
        options = dict(_ALONE)
        if self.version.has_recovery_conf:
            write_file(folder / RECOVERY_CONF, f"{_NO_MORE} = 'false'\n".encode(), access)
        else:
            write_file(folder / _RECOVERY_SIGNAL, b"", access)
            options[_NO_MORE] = "false"
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        self._run("postgres", ("--single", "-D", str(folder), *settings, "postgres"), _RECOVERY_S, user=self.owner)
        remove_file(folder / _RECOVERY_DONE)

    def _require_reach(self, folder: Path) -> None:
        test = Command(argv=("test", "-x", str(folder)), timeout_s=_REACH_S, user=self.owner, accept=frozenset({0, 1}))
        if self.runner.run(test).code:
            raise Conflict(
                f"{self.owner}, whom PostgreSQL runs as, cannot enter {folder}",
                hint="choose a staging directory that every user can enter, such as one below /var/tmp",
            )

    def _run(self, program: str, arguments: tuple[str, ...], timeout_s: float, *, user: str = "") -> None:
        argv = (str(self.bin_folder / program), *arguments)
        self.runner.run(Command(argv=argv, timeout_s=timeout_s, user=user, mortal=True))
