"""SELinux: whether it enforces."""

from __future__ import annotations

from collections.abc import Iterator

from chef_backend.health.codes import SELINUX
from chef_backend.health.finding import Finding
from chef_backend.health.wanted import Wanted
from chef_backend.health.world import World


def selinux(world: World, _wanted: Wanted) -> Iterator[Finding]:
    """Yield its state."""
    yield state(world.read("/sys/fs/selinux/enforce"))


def state(enforce: str) -> Finding:
    """Judge what the kernel says; no file where SELinux is off."""
    match enforce.strip():
        case "1":
            return SELINUX.warning("enforcing", fix="ausearch -m avc -ts recent")
        case "0":
            return SELINUX.fine("permissive")
        case _:
            return SELINUX.fine("disabled")
