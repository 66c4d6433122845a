"""The accounts that the services run as: this machine's own, or a directory service's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chef_backend.health.codes import ACCOUNTS
from chef_backend.health.finding import Finding
from chef_backend.health.wanted import Wanted
from chef_backend.health.world import World


def accounts(world: World, wanted: Wanted) -> Iterator[Finding]:
    """Yield where the accounts come from."""
    local = {line.partition(":")[0] for line in world.read("/etc/passwd").splitlines()}
    known = {name for name in wanted.users if name not in local and world.knows_user(name)}
    yield origin(wanted.users, known)


def origin(users: Iterable[str], foreign: Iterable[str]) -> Finding:
    """Judge the accounts that are not in /etc/passwd and yet known; those that nobody knows are yet to be made."""
    found = sorted(foreign)
    if not found:
        return ACCOUNTS.fine(", ".join(users))
    return ACCOUNTS.warning(
        f"{', '.join(found)} not local", evidence="the name service knows it, and /etc/passwd does not have it"
    )
