"""A server in memory that keeps the promises of control.Database, and its programs, those of copies.Copies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from chef_backend.base.errors import CommandFailed
from chef_backend.base.folders import Access
from chef_backend.base.secret import Secret
from chef_backend.postgresql.conf import parse
from chef_backend.postgresql.control import DatabaseUnavailable, Readiness, Role
from chef_backend.postgresql.running import Running

_FROM_FILE = "configuration file"


@dataclass
class FakeDatabase:
    """Told by its fields what it is; `reloads` counts, `settings` are what runs.

    A reload takes the settings of `conf` up, but for those that need a restart. `spend` is called before each change.
    """

    initialised: bool = False
    up: bool = False
    follows: bool = False
    reloads: int = 0
    settings: dict[str, Running] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    since: float = 0.0
    wrong: tuple[str, ...] = ()
    sending: int = 0
    conf: Callable[[], bytes] = bytes
    needs_restart: Callable[[str], bool] = lambda _name: False
    spend: Callable[[], None] = lambda: None

    def start(self, now: float) -> None:
        """Do what a server does that starts: every setting of the file runs."""
        self.up, self.since = True, now
        self.settings = {name: Running(value, source=_FROM_FILE) for name, value in self._written().items()}

    def initialise(self, password: Secret) -> bool:
        """See Database."""
        if self.initialised:
            return False
        self.spend()
        self.initialised = True
        self.roles["chef_pgsql"] = Role("chef_pgsql", password, superuser=True)
        return True

    def ready(self) -> Readiness:
        """See Database."""
        return Readiness(is_ready=self.up, reason="" if self.up else "it is down")

    def in_recovery(self) -> bool:
        """See Database."""
        self._need()
        return self.follows

    def started_at(self) -> float:
        """See Database."""
        self._need()
        return self.since

    def reload(self) -> None:
        """See Database."""
        self._need()
        self.spend()
        self.reloads += 1
        for name, value in self._written().items():
            old = self.settings.get(name)
            waits = old is not None and old.value != value and self.needs_restart(name)
            new = replace(old, pending_restart=True) if old and waits else Running(value, source=_FROM_FILE)
            self.settings[name] = new

    def running(self) -> Mapping[str, Running]:
        """See Database."""
        self._need()
        return dict(self.settings)

    def mistakes(self) -> tuple[str, ...]:
        """See Database."""
        self._need()
        return self.wrong

    def senders(self) -> int:
        """See Database."""
        self._need()
        return self.sending

    def ensure_roles(self, roles: tuple[Role, ...]) -> tuple[str, ...]:
        """See Database."""
        self._need()
        changed = () if self.follows else tuple(role for role in roles if self.roles.get(role.name) != role)
        for role in changed:
            self.spend()
            self.roles[role.name] = role
        return tuple(role.name for role in changed)

    def _written(self) -> dict[str, str]:
        return {name: value.strip("'") for name, value in parse(self.conf()).items()}

    def _need(self) -> None:
        if not self.up:
            raise DatabaseUnavailable("PostgreSQL: it is down")


@dataclass
class FakeCopies:
    """Copies of a data directory of these `files`; `fails` names the calls that do, `calls` are those made."""

    files: dict[str, bytes] = field(
        default_factory=lambda: {"PG_VERSION": b"15\n", "base/1/1259": b"rows", "empty/": b""}
    )
    fails: frozenset[str] = frozenset()
    calls: list[str] = field(default_factory=list)

    def copy(self, into: Path, timeout_s: float) -> None:  # noqa: ARG002 - the real one's signature
        """See Copies."""
        self._call("copy")
        for name, content in self.files.items():
            path = into / name
            (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
            if not name.endswith("/"):
                path.write_bytes(content)

    def verify(self, folder: Path) -> None:  # noqa: ARG002 - the same
        """See Copies."""
        self._call("verify")

    def recover(self, folder: Path, access: Access) -> None:  # noqa: ARG002 - the same
        """See Copies."""
        self._call("recover")

    def _call(self, name: str) -> None:
        self.calls.append(name)
        if name in self.fails:
            raise CommandFailed(f"{name} failed")
