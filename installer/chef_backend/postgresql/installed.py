"""Which PostgreSQL is installed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from chef_backend.base.errors import NotInstalled
from chef_backend.base.proc import Command, Runner
from chef_backend.postgresql.versions import OLDEST

_TIMEOUT_S: Final = 30.0
_VERSION = re.compile(r"postgres \(PostgreSQL\) (\d+)\.(\d+)")


def installed_major(runner: Runner, bin_folder: Path) -> str:
    """Return the major version of the programs, such as "15" or "9.5"; NotInstalled, CommandFailed."""
    program = bin_folder / "postgres"
    said = runner.run(Command(argv=(str(program), "--version"), timeout_s=_TIMEOUT_S)).out
    match = _VERSION.match(said)
    if match is None:
        raise NotInstalled(f"{program} says {said.strip()!r}, not its version", hint="reinstall the package")
    return f"{match[1]}.{match[2]}" if int(match[1]) <= OLDEST[0] else match[1]
