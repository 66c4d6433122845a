"""A whole reconfigure: what is wanted, files, services, and a look at what runs.

Any end in between is a state that the next run goes on from: the receipt says what was begun and what is owed.
"""

from __future__ import annotations

from dataclasses import dataclass

from chef_backend.postgresql.running import Difference
from chef_backend.reconfigure.database import (
    as_server_says,
    compare,
    ensure_certificate,
    ensure_roles,
    require_no_mistakes,
    require_tls,
)
from chef_backend.reconfigure.files import plan_files, write_files
from chef_backend.reconfigure.machine import Machine
from chef_backend.reconfigure.membership import Membership
from chef_backend.reconfigure.readiness import Readiness
from chef_backend.reconfigure.replication import require_enough
from chef_backend.reconfigure.services import Services
from chef_backend.reconfigure.situation import Situation, gather
from chef_backend.reconfigure.steps import Silent, Steps
from chef_backend.reconfigure.waiting import Waiting
from chef_backend.resources.apply import write_receipt
from chef_backend.resources.plan import Plan
from chef_backend.resources.receipt import Receipt

READ = "Reading the configuration"
WRITE = "Writing files"
START = "Starting services"
RELOAD = "Reloading and restarting what needs it"
COMPARE = "Comparing PostgreSQL's running settings"
TITLES = (READ, WRITE, START, RELOAD, COMPARE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did; `receipt` has what is still owed, `differences` are settings that do not run as wanted.

    `held_back_by` is the file that keeps PostgreSQL from starting, "" where there is none.
    """

    situation: Situation
    plan: Plan
    receipt: Receipt
    started: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    held_back_by: str = ""


def preview(machine: Machine) -> tuple[Situation, Plan]:
    """Return what a reconfigure would find and change; nothing is changed."""
    situation = gather(machine)
    require_tls(machine, situation.node)
    require_enough(machine, situation.node)
    return situation, plan_files(machine, situation, enable=situation.membership is Membership.MEMBER)


def reconfigure(machine: Machine, steps: Steps, *, apply_restarts: bool = False) -> Outcome:
    """Make this node as its configuration says. On a node that is in no cluster no service is started.

    The caller holds the lock. Raises every ChefBackendError; the next run goes on from there.
    """
    with steps.step(READ):
        situation, plan = preview(machine)
    with steps.step(WRITE):
        receipt = write_all(machine, situation, plan, steps)
    if situation.membership is not Membership.MEMBER:
        return Outcome(situation, plan, _nothing_runs(machine, situation, receipt, steps))
    services = Services(machine, situation, steps)
    with steps.step(START):
        started = services.bring_up(situation.services)
    with steps.step(RELOAD):
        settled = services.settle(receipt, restarts_postgresql=apply_restarts)
    with steps.step(COMPARE):
        reloaded = "postgresql" in receipt.pending
        found, receipt = settle_database(machine, situation, settled, steps, reloaded=reloaded)
    held_back_by = "" if services.readiness.postgresql_may_start() else str(machine.paths.no_start_pgsql)
    return Outcome(situation, plan, receipt, started, found, held_back_by)


def files_only(machine: Machine, *, enable: bool) -> Outcome:
    """Write the files, and leave every service as it is: for the package's scriptlets. What they owe is noted.

    With `enable` a member's services are linked, too: where a supervisor runs, it would start them. The caller holds
    the lock.
    """
    situation = gather(machine)
    plan = plan_files(machine, situation, enable=enable and situation.membership is Membership.MEMBER)
    return Outcome(situation, plan, write_all(machine, situation, plan, Silent()))


def write_all(machine: Machine, situation: Situation, plan: Plan, steps: Steps) -> Receipt:
    """Make a plan's changes and the certificate; return the receipt with what services owe for both."""
    return ensure_certificate(machine, situation.node, write_files(machine, plan, steps))


def settle_database(
    machine: Machine, situation: Situation, receipt: Receipt, steps: Steps, *, reloaded: bool
) -> tuple[tuple[Difference, ...], Receipt]:
    """Give PostgreSQL's roles their passwords, and return what does not run as wanted, with the receipt."""
    node = situation.node
    readiness = Readiness(machine, node, Waiting(machine, node, steps))
    if "postgresql" not in situation.services or not readiness.postgresql_may_start():
        return (), receipt
    readiness.wait("postgresql")
    database = machine.clients.database(node)
    ensure_roles(database, node)
    found = compare(machine, database, node, reloaded=reloaded)
    after = as_server_says(machine, database, node, receipt, found)
    if after != receipt:
        write_receipt(machine.host, machine.paths.receipt, after)
    require_no_mistakes(database)
    return found, after


def _nothing_runs(machine: Machine, situation: Situation, receipt: Receipt, steps: Steps) -> Receipt:
    """Return the receipt of a node in no cluster: a service that runs there all the same is as its files say, too."""
    if situation.membership is Membership.CREATING:
        return receipt  # create-cluster goes on from here
    return Services(machine, situation, steps).settle(receipt, restarts_postgresql=False)
