"""The local server as the rest of the node orders it about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from chef_backend.base.errors import ChefBackendError
from chef_backend.base.secret import Secret
from chef_backend.postgresql.running import Running


class DatabaseUnavailable(ChefBackendError):
    """PostgreSQL does not answer, or refuses: look at its service and its log."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether a connection was made and answered; `reason` says why not, in PostgreSQL's words."""

    is_ready: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Role:
    """A role that can log in, with its password."""

    name: str
    password: Secret
    superuser: bool = False


class Database(Protocol):
    """The PostgreSQL of this node. What needs a server raises DatabaseUnavailable where there is none."""

    def initialise(self, password: Secret) -> bool:
        """Make the data directory, with the superuser's password; False when it is there already.

        Raises Conflict when it holds another version's data or what initdb did not make, CommandFailed.
        """
        ...

    def ready(self) -> Readiness:
        """Connect to it, and ask it something; never raises."""
        ...

    def in_recovery(self) -> bool:
        """Tell whether it follows another server, and takes no writes."""
        ...

    def started_at(self) -> float:
        """Return when it began to serve, in seconds of the epoch."""
        ...

    def reload(self) -> None:
        """Have it read its files anew; a new value may take a moment to be seen in `running`."""
        ...

    def running(self) -> Mapping[str, Running]:
        """Return every setting by name, as it is for new sessions."""
        ...

    def mistakes(self) -> tuple[str, ...]:
        """Return what it does not take of its files as they are now: with one of these it would not start again."""
        ...

    def senders(self) -> int:
        """Return how many connections replicate from it, a copy's among them."""
        ...

    def ensure_roles(self, roles: tuple[Role, ...]) -> tuple[str, ...]:
        """Make roles and set passwords where they differ, and return the names of those changed.

        On a follower nothing is changed: its roles are its leader's.
        """
        ...
