"""This machine as its services are stopped for good, and what it has deleted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from chef_backend.base.clock import Clock, SystemClock
from chef_backend.base.paths import Paths
from chef_backend.base.proc import SystemRunner
from chef_backend.install.supervision import supervision
from chef_backend.removal.ground import Ground
from chef_backend.removal.guard import Guard
from chef_backend.removal.processes import Accounts, KernelProcesses, Processes, end_all
from chef_backend.removal.saving import save
from chef_backend.removal.standing import Ask, ask_etcd
from chef_backend.removal.sweep import Deleting, Sweep, identity_of
from chef_backend.resources.host import Host
from chef_backend.resources.lock import only_one
from chef_backend.resources.real import RealHost
from chef_backend.roles.accounts import ACCOUNTS


class Retiring(Protocol):
    """The supervisor of the services."""

    def retire(self) -> None:
        """Stop it with its services, and have it started with the machine no more; ServiceFailed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Everything that is read and changed.

    `sweep` makes what deletes, given its guard and the folder of backups; `save` copies a folder, see `saving`.
    """

    paths: Paths
    host: Host
    supervision: Retiring
    processes: Processes
    clock: Clock
    ask: Ask
    sweep: Callable[[Guard, Path], Deleting]
    save: Callable[[Path, Path, datetime], Path | None]
    lock: Callable[[str], AbstractContextManager[None]]

    def end_processes(self, ground: Ground) -> None:
        """End every process of a node's services; ServiceFailed."""
        own = {item.name for item in ACCOUNTS}
        found = {name: self.host.user(name) for name in ground.users}
        uids = {name: account.uid for name, account in found.items() if account is not None}
        accounts = Accounts(
            own=frozenset(uid for name, uid in uids.items() if name in own),
            shared=frozenset(uid for name, uid in uids.items() if name not in own),
            programs=self.paths.embedded,
        )
        end_all(self.processes, accounts, self.clock)


def real_machine(paths: Paths) -> Machine:
    """Return this machine."""
    runner, clock = SystemRunner(), SystemClock()
    host = RealHost(runner)
    return Machine(
        paths=paths,
        host=host,
        supervision=supervision(paths, runner, clock, host),
        processes=KernelProcesses(paths.root),
        clock=clock,
        ask=ask_etcd,
        sweep=lambda guard, backups: Sweep(replace(guard, backups=identity_of(backups))),
        save=save,
        lock=lambda command: only_one(paths.lock, command),
    )
