"""The upgrade of one node: its files, a restart of what runs older code, and a look at whether it answers again.

What is to be restarted is written into the receipt first: after an interruption the next run goes on with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from chef_backend.base.errors import ChefBackendError, Conflict
from chef_backend.reconfigure.machine import Machine
from chef_backend.reconfigure.membership import require_member
from chef_backend.reconfigure.readiness import Readiness
from chef_backend.reconfigure.run import TITLES as RECONFIGURE
from chef_backend.reconfigure.run import Outcome, reconfigure
from chef_backend.reconfigure.situation import Situation, gather
from chef_backend.reconfigure.steps import Steps
from chef_backend.reconfigure.waiting import Waiting
from chef_backend.resources.apply import write_receipt
from chef_backend.resources.effects import Effect
from chef_backend.supervise.state import ServiceState
from chef_backend.upgrade.code import REASON, outdated

ANSWER: Final = "Waiting for this node to answer"
TITLES: Final = (*RECONFIGURE, ANSWER)
# leaderl may have to wait until a leadership that nobody holds any more is over.
_SERVES_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What an upgrade did: `restarted` are the services that have another process now."""

    outcome: Outcome
    restarted: tuple[str, ...]


def upgrade(machine: Machine, steps: Steps, *, installed_at: float, serves: Callable[[], bool]) -> Upgraded:
    """Bring this node to the installed version; `serves` tells whether it leads or follows.

    The caller holds the lock. Raises NotAMember, and every ChefBackendError of a reconfigure; the next run goes on.
    """
    situation = gather(machine)
    require_member(situation.membership)
    before = _states(machine, situation)
    _owe_restarts(machine, situation, outdated(before, installed_at))
    outcome = reconfigure(machine, steps, apply_restarts=True)
    with steps.step(ANSWER):
        _wait(machine, outcome.situation, steps, serves)
    return Upgraded(outcome, _restarted(before, _states(machine, situation)))


def require_successor(machine: Machine) -> None:
    """Raise Conflict where no other node could take the leadership over."""
    situation = gather(machine)
    require_member(situation.membership)
    if len(machine.clients.etcd(situation.node).members()) > 1:
        raise ChefBackendError(
            "--failover is not available in this version; nothing was changed",
            hint="upgrade the followers first, then the leader without --failover",
        )
    raise Conflict(
        "this node is alone in its cluster, so there is no other to hand the leadership to; nothing was changed",
        hint="run chef-backend-ctl upgrade without --failover: clients are cut off while PostgreSQL restarts",
    )


def _owe_restarts(machine: Machine, situation: Situation, services: tuple[str, ...]) -> None:
    if not services:
        return
    because = dict.fromkeys(services, (REASON,))
    effects = dict.fromkeys(services, Effect.RESTART)
    owed = situation.receipt.with_pending(effects, because, machine.now())
    write_receipt(machine.host, machine.paths.receipt, owed)


def _wait(machine: Machine, situation: Situation, steps: Steps, serves: Callable[[], bool]) -> None:
    waiting = Waiting(machine, situation.node, steps)
    readiness = Readiness(machine, situation.node, waiting)
    for service in situation.services:
        if service != "postgresql" or readiness.postgresql_may_start():
            readiness.wait(service)
    waiting.until("leaderl", "this node to lead or to follow", serves, within_s=_SERVES_S)


def _states(machine: Machine, situation: Situation) -> dict[str, ServiceState | None]:
    return {name: machine.supervisor.state(name) for name in situation.services}


def _restarted(before: Mapping[str, ServiceState | None], after: Mapping[str, ServiceState | None]) -> tuple[str, ...]:
    return tuple(name for name, state in after.items() if state is not None and _pid(state) != _pid(before[name]))


def _pid(state: ServiceState | None) -> int:
    return state.process.pid if state is not None else 0
