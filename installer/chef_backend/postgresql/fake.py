"""A server in memory that keeps the promises of control.Database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chef_backend.base.secret import Secret
from chef_backend.postgresql.control import DatabaseUnavailable, Readiness, Role
from chef_backend.postgresql.running import Running


@dataclass
class FakeDatabase:
    """Told by its fields what it is; `reloads` counts, `settings` are what runs."""

    initialised: bool = False
    up: bool = False
    follows: bool = False
    reloads: int = 0
    settings: dict[str, Running] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)

    def initialise(self, password: Secret) -> bool:
        """See Database."""
        made = not self.initialised
        self.initialised = True
        if made:
            self.roles["chef_pgsql"] = Role("chef_pgsql", password, superuser=True)
        return made

    def ready(self) -> Readiness:
        """See Database."""
        return Readiness(is_ready=self.up, reason="" if self.up else "it is down")

    def in_recovery(self) -> bool:
        """See Database."""
        self._need()
        return self.follows

    def reload(self) -> None:
        """See Database."""
        self._need()
        self.reloads += 1

    def running(self) -> Mapping[str, Running]:
        """See Database."""
        self._need()
        return dict(self.settings)

    def ensure_roles(self, roles: tuple[Role, ...]) -> tuple[str, ...]:
        """See Database."""
        self._need()
        if self.follows:
            return ()
        changed = tuple(role.name for role in roles if self.roles.get(role.name) != role)
        self.roles |= {role.name: role for role in roles}
        return changed

    def _need(self) -> None:
        if not self.up:
            raise DatabaseUnavailable("PostgreSQL: it is down")
