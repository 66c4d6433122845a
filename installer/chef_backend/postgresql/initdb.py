"""Makes a data directory, as PostgreSQL's own user: `python -m chef_backend.postgresql.initdb`, password on stdin.

The directory may already hold files of the configuration, so initdb works in a folder within it, whose contents
then move up, PG_VERSION last: with PG_VERSION a data directory is complete, with that folder and without PG_VERSION
it is the rest of a run that was interrupted, and is made anew.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Set as AbstractSet
from enum import Enum, auto
from pathlib import Path
from typing import Final

from chef_backend.base.errors import ChefBackendError, Conflict
from chef_backend.base.proc import Command, Runner, SystemRunner
from chef_backend.base.secret import Redactor, Secret

STAGING: Final = ".initdb"
_VERSION_FILE: Final = "PG_VERSION"
_TIMEOUT_S: Final = 600.0
# A file system's own, in a data directory that is one.
_IGNORED: Final = frozenset({"lost+found"})
# What initdb of any version makes.
MADE: Final = frozenset(
    {
        "base",
        "global",
        "pg_clog",
        "pg_commit_ts",
        "pg_dynshmem",
        "pg_hba.conf",
        "pg_ident.conf",
        "pg_logical",
        "pg_multixact",
        "pg_notify",
        "pg_replslot",
        "pg_serial",
        "pg_snapshots",
        "pg_stat",
        "pg_stat_tmp",
        "pg_subtrans",
        "pg_tblspc",
        "pg_twophase",
        "PG_VERSION",
        "pg_wal",
        "pg_xact",
        "pg_xlog",
        "postgresql.auto.conf",
        "postgresql.conf",
    }
)


class Found(Enum):
    """What a data directory is."""

    EMPTY = auto()
    HALF = auto()
    COMPLETE = auto()


def judge(folder: Path, names: AbstractSet[str], found: str, major: str, keep: AbstractSet[str]) -> Found:
    """Return what a directory with these names is; `found` is PG_VERSION's text, `keep` may be there before initdb.

    Raises Conflict for another version's data, and for what neither initdb nor we have made.
    """
    if found:
        if found != major:
            raise Conflict(
                f"{folder} holds data of PostgreSQL {found}, and PostgreSQL {major} is installed",
                hint="install the package that this node had before, or move the folder away",
            )
        return Found.COMPLETE
    rest = names - keep - _IGNORED - {STAGING}
    foreign = sorted(rest - MADE) if STAGING in names else sorted(rest)
    if foreign:
        shown = ", ".join(foreign[:3]) + (", …" if len(foreign) > len(foreign[:3]) else "")
        raise Conflict(
            f"{folder} is no data directory of PostgreSQL, and not empty: it holds {shown}",
            hint="move what is there away, or set postgresql.data_dir to another folder",
        )
    return Found.HALF if STAGING in names else Found.EMPTY


def initialise(
    folder: Path, program: Path, major: str, superuser: str, password: Secret, keep: AbstractSet[str]
) -> bool:
    """Make the directory complete; False when it is. Raises Conflict, CommandFailed."""
    names = set(os.listdir(folder))  # noqa: PTH208 - names, not paths
    found = (folder / _VERSION_FILE).read_text(encoding="ascii").strip() if _VERSION_FILE in names else ""
    state = judge(folder, names, found, major, keep)
    staging = folder / STAGING
    if state is Found.COMPLETE:
        _remove(staging)
        return False
    if state is Found.HALF:
        # The folder goes last: it says that the rest is ours to remove.
        for name in (names & MADE) - keep:
            _remove(folder / name)
        _remove(staging)
    staging.mkdir(mode=0o700)
    _run(SystemRunner(Redactor([password])), staging, program, superuser, password)
    _move_up(staging, folder, keep)
    return True


def _run(runner: Runner, staging: Path, program: Path, superuser: str, password: Secret) -> None:
    options = [f"--pgdata={staging}", f"--username={superuser}", "--pwfile=/proc/self/fd/0"]
    options += ["--auth-local=peer", "--auth-host=md5", "--encoding=UTF8", "--locale=C", "--data-checksums"]
    # The C library's messages would be in the log in the language of whoever ran this.
    environment = {"LC_ALL": "C", "PATH": f"{program.parent}:/usr/bin:/bin"}
    argv = (str(program), *options)
    runner.run(Command(argv=argv, timeout_s=_TIMEOUT_S, env=environment, stdin=password, mortal=True))


def _move_up(staging: Path, folder: Path, keep: AbstractSet[str]) -> None:
    for path in sorted(staging.iterdir(), key=lambda item: item.name == _VERSION_FILE):
        if path.name == _VERSION_FILE:
            _flush(folder)
        target = folder / path.name
        if path.name in keep and target.exists():
            _remove(path)
        else:
            path.rename(target)
    _flush(folder)
    staging.rmdir()


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def main() -> int:
    """Do it, and print `made` when there was something to do; return the exit code."""
    parser = argparse.ArgumentParser(prog="chef_backend.postgresql.initdb")
    for name in ("data", "program"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    for name in ("major", "superuser"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--keep", action="append", default=[])
    given = parser.parse_args()
    password = Secret(sys.stdin.read())
    try:
        made = initialise(given.data, given.program, given.major, given.superuser, password, frozenset(given.keep))
    except ChefBackendError as error:
        sys.stderr.write(f"{error.message}\n{error.hint}\n")
        return error.exit_code
    sys.stdout.write("made\n" if made else "")
    return 0


if __name__ == "__main__":
    sys.exit(main())
