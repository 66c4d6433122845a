"""Who may read the files that hold secrets: asserted by every reconfigure, and by a test of the real package."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chef_backend.base.paths import Paths

PGSQL = "chef_pgsql"


@dataclass(frozen=True, slots=True)
class Protection:
    """Owner, group and mode."""

    owner: str
    group: str
    mode: int


SECRETS_FILE = Protection("root", PGSQL, 0o640)
RUNNING_FILE = Protection(PGSQL, PGSQL, 0o640)
LEADERL_CONFIG = Protection(PGSQL, PGSQL, 0o600)
# recovery.conf up to PostgreSQL 11, the passfile of primary_conninfo from 12 on.
STANDBY_FILE = Protection(PGSQL, PGSQL, 0o600)
SSL_KEY = Protection(PGSQL, PGSQL, 0o600)


def protected_files(paths: Paths, standby_file: Path, ssl_keys: tuple[Path, ...]) -> dict[Path, Protection]:
    """Return every file of a node that holds a secret; `standby_file` depends on PostgreSQL's version."""
    return {
        paths.secrets: SECRETS_FILE,
        paths.running: RUNNING_FILE,
        paths.leaderl_config: LEADERL_CONFIG,
        standby_file: STANDBY_FILE,
        **dict.fromkeys(ssl_keys, SSL_KEY),
    }
