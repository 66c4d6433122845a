"""Services that run with older settings, by the receipt of the last reconfigure, or older code until a restart."""

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
from chef_backend.upgrade.code import REASON, outdated


def due(host: Host, paths: Paths, supervisor: Supervisor, installed_at: float) -> tuple[Restart, ...]:
    """Return the restarts that are still due, by service; Conflict where the receipt is damaged.

    `installed_at` is when the package came, in seconds of the epoch: what was started before runs older code.
    """
    left = _settled(read_receipt(host, paths.receipt), supervisor)
    owed = {name: item.because for name, item in left.pending.items() if item.effect is Effect.RESTART}
    old = outdated({name: supervisor.state(name) for name in supervisor.enabled()}, installed_at)
    return tuple(_restart(name, owed.get(name, ()), is_old=name in old) for name in sorted({*owed, *old}))


def _restart(name: str, because: tuple[str, ...], *, is_old: bool) -> Restart:
    if is_old:
        return Restart(name, tuple(dict.fromkeys([*because, REASON])), "chef-backend-ctl upgrade")
    # A service's log is a program of its own, and no service that takes orders.
    way = "reconfigure" if "/" in name else f"restart {name}"
    return Restart(name, because, f"chef-backend-ctl {way}")


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
