"""What services still need for the changes of their files. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from chef_backend.resources.effects import Effect
from chef_backend.resources.receipt import Receipt
from chef_backend.supervise.state import ServiceState

POSTGRESQL = "postgresql"

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


def with_restart(receipt: Receipt, waiting: Iterable[str], now: float) -> Receipt:
    """Return the receipt with a restart of PostgreSQL for these settings, unless there is one already."""
    names = tuple(waiting)
    there = receipt.pending.get(POSTGRESQL)
    if not names or (there is not None and there.effect is Effect.RESTART):
        return receipt
    return receipt.with_pending({POSTGRESQL: Effect.RESTART}, {POSTGRESQL: names}, now)


def without_restart(receipt: Receipt, *, started_at: float, unseen: Collection[str]) -> Receipt:
    """Return the receipt as a server that waits for nothing makes it: no restart of PostgreSQL is due.

    But for files below the paths `unseen`, of which the server cannot tell whether it has read them: that it has, if
    it started since.
    """
    there = receipt.pending.get(POSTGRESQL)
    if there is None:
        return receipt
    is_unsure = any(path in reason for path in unseen for reason in there.because)
    is_done = there.since < started_at or not is_unsure
    return receipt.without_pending(POSTGRESQL, Effect.RESTART) if is_done else receipt
