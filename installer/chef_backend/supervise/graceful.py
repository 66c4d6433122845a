"""A stop that always ends: what does not obey in time is killed, with everything it started."""

from __future__ import annotations

from collections.abc import Callable

from chef_backend.base.clock import Clock
from chef_backend.supervise.supervisor import Supervisor
from chef_backend.supervise.tree import Tree
from chef_backend.supervise.verbs import WAIT_S, Outcome, Verb, tell


def graceful_kill(
    supervisor: Supervisor, service: str, clock: Clock, hold: Callable[[int], Tree], *, wait_s: float = WAIT_S
) -> tuple[Outcome, tuple[int, ...]]:
    """Stop a service, kill what is left of it, and return how it is then and which processes were killed.

    `hold` gives the processes that the one of a number has now.
    """
    before = supervisor.state(service)
    tree = hold(before.process.pid) if before is not None and before.process.pid else None
    outcome = tell(supervisor, service, Verb.STOP, clock, wait_s=wait_s)
    left = tree.alive() if tree is not None else ()
    if tree is None or not left:
        return outcome, ()
    tree.kill()
    return tell(supervisor, service, Verb.STOP, clock, wait_s=wait_s), left
