"""Services that run with older settings until they are restarted, by the receipt of the last reconfigure."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress

from chef_backend.base.errors import ChefBackendError
from chef_backend.base.paths import Paths
from chef_backend.reconfigure.pending import settled
from chef_backend.resources.apply import read_receipt, write_receipt
from chef_backend.resources.effects import Effect
from chef_backend.resources.host import Host
from chef_backend.resources.receipt import Receipt
from chef_backend.status.model import Restart
from chef_backend.supervise.supervisor import Supervisor


def due(host: Host, paths: Paths, supervisor: Supervisor) -> tuple[Restart, ...]:
    """Return the restarts that are still due, by service; Conflict where the receipt is damaged."""
    left = _settled(read_receipt(host, paths.receipt), supervisor)
    pending = sorted(left.pending.items())
    return tuple(
        Restart(name, item.because, f"chef-backend-ctl restart {name}")
        for name, item in pending
        if item.effect is Effect.RESTART
    )


def forget_done(
    host: Host, paths: Paths, supervisor: Supervisor, lock: Callable[[], AbstractContextManager[None]]
) -> None:
    """Take out of the receipt what services have by now; `lock` holds it against others meanwhile.

    Where that cannot be done nothing is lost: whoever reads the receipt compares it with the services again.
    """
    with suppress(ChefBackendError):
        if _is_settled(host, paths, supervisor):
            return
        with lock():
            receipt = read_receipt(host, paths.receipt)
            write_receipt(host, paths.receipt, _settled(receipt, supervisor))


def _is_settled(host: Host, paths: Paths, supervisor: Supervisor) -> bool:
    receipt = read_receipt(host, paths.receipt)
    return _settled(receipt, supervisor) == receipt


def _settled(receipt: Receipt, supervisor: Supervisor) -> Receipt:
    return settled(receipt, {name: supervisor.state(name) for name in receipt.pending})
