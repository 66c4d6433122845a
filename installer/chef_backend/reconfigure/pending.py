"""What services still need for the changes of their files. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from chef_backend.resources.effects import Effect
from chef_backend.resources.receipt import Receipt
from chef_backend.supervise.state import ServiceState

States = Mapping[str, ServiceState | None]


def settled(receipt: Receipt, states: States) -> Receipt:
    """Return the receipt without what services have by themselves: those that started since, and those that are down.

    A service that is down, or that nothing supervises, reads its files when it starts.
    """
    for service, item in receipt.pending.items():
        state = states.get(service)
        if state is None or not state.is_up or state.process.since > item.since:
            receipt = receipt.without_pending(service, Effect.RESTART)
    return receipt


def due(receipt: Receipt, *, restarts_postgresql: bool) -> dict[str, Effect]:
    """Return what is to be done now; PostgreSQL is restarted only for who asks for it, and reloaded meanwhile."""
    found = {service: item.effect for service, item in receipt.pending.items()}
    if not restarts_postgresql and found.get(POSTGRESQL) is Effect.RESTART:
        found[POSTGRESQL] = Effect.RELOAD
    return found


POSTGRESQL = "postgresql"
