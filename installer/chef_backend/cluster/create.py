"""A new cluster, of which this node is the first member.

Every step can be made again: a run that was interrupted goes on where it ended, and never makes new secrets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from chef_backend.base.errors import ServiceFailed
from chef_backend.cluster import firststart
from chef_backend.cluster.ports import Holder
from chef_backend.cluster.preconditions import (
    require_all_services,
    require_no_data,
    require_no_member,
    require_ports,
)
from chef_backend.postgresql.control import Database
from chef_backend.reconfigure.database import require_tls
from chef_backend.reconfigure.files import plan_files
from chef_backend.reconfigure.machine import Machine
from chef_backend.reconfigure.membership import note_creating, note_finished
from chef_backend.reconfigure.readiness import Readiness
from chef_backend.reconfigure.run import settle_database, write_all
from chef_backend.reconfigure.services import Services
from chef_backend.reconfigure.situation import Situation, gather
from chef_backend.reconfigure.steps import Steps
from chef_backend.reconfigure.waiting import Waiting
from chef_backend.resources.apply import read_receipt
from chef_backend.resources.receipt import Receipt
from chef_backend.roles.node import Node

# leaderl takes the lead after it has seen for this long that nobody else has it.
_LEADS_S: Final = 120.0


TITLES: Final = (
    "Configuring this node",
    "Creating the PostgreSQL data store",
    "Starting services",
    "Waiting for etcd",
    "Waiting for PostgreSQL",
    "Waiting for Elasticsearch",
    "Becoming the leader",
)


@dataclass(frozen=True, slots=True)
class Options:
    """How long to wait for a service to do its work."""

    etcd_wait_s: float = 30.0
    elasticsearch_wait_s: float = 30.0


class Creation:
    """The making of a cluster on one machine; `steps` are its actions in order, each with a title."""

    def __init__(self, machine: Machine, situation: Situation, options: Options, progress: Steps) -> None:
        self._machine = machine
        self._situation = situation
        self._options = options
        self._progress = progress
        self._waiting = Waiting(machine, situation.node, progress)
        self._readiness = Readiness(machine, situation.node, self._waiting)
        actions = (
            self._configure,
            self._initialise,
            self._start,
            self._wait_for_etcd,
            self._wait_for_postgresql,
            self._wait_for_elasticsearch,
            self._lead,
        )
        self.steps: Mapping[str, Callable[[], None]] = dict(zip(TITLES, actions, strict=True))

    def run(self) -> None:
        """Make every step."""
        for title, action in self.steps.items():
            with self._progress.step(title):
                action()

    def _configure(self) -> None:
        """Write the files, but enable no service: each would start at once, without its data."""
        self._write(self._situation, enable=False)
        note_creating(self._machine.host, self._machine.paths)

    def _initialise(self) -> None:
        self._database.initialise(self._situation.node.secrets.db_superuser_password)

    def _start(self) -> None:
        self._write(self._situation, enable=True)
        services = self._services
        if firststart.was_interrupted(self._machine.host, self._machine.paths):
            self._begin_etcd_anew(services)
        services.bring_up(name for name in self._situation.services if name != "leaderl")
        services.settle(self._receipt(), restarts_postgresql=True)

    def _begin_etcd_anew(self, services: Services) -> None:
        """Remove what its first start left, once its supervisor has it, and will not start it in between."""
        services.bring_up(["etcd"])
        services.stop("etcd")
        firststart.forget(self._machine.host, self._machine.paths)

    def _wait_for_etcd(self) -> None:
        self._readiness.wait("etcd", self._options.etcd_wait_s, hint=_more_time("etcd", "--etcd-wait-time"))

    def _wait_for_postgresql(self) -> None:
        settle_database(self._machine, self._situation, self._receipt(), self._progress, reloaded=False)

    def _wait_for_elasticsearch(self) -> None:
        if "elasticsearch" in self._situation.services:
            hint = _more_time("elasticsearch", "--elasticsearch-wait-time")
            self._readiness.wait("elasticsearch", self._options.elasticsearch_wait_s, hint=hint)

    def _lead(self) -> None:
        """Start leaderl, which from now on starts with the node, and wait until it leads."""
        member = self._situation.as_member()
        self._write(member, enable=True)
        services = Services(self._machine, member, self._progress)
        services.bring_up(member.services)
        services.settle(self._receipt(), restarts_postgresql=True)
        node, clients = member.node, self._machine.clients
        what = "this node to lead its cluster"
        self._waiting.until("leaderl", what, lambda: clients.leads(node) is True, within_s=_LEADS_S)
        if self._database.in_recovery():
            raise ServiceFailed(
                "leaderl says that this node leads, and PostgreSQL takes no writes: it follows another server",
                hint="see chef-backend-ctl tail leaderl; then run this command again",
            )
        note_finished(self._machine.host, self._machine.paths)

    @property
    def _database(self) -> Database:
        return self._machine.clients.database(self._situation.node)

    @property
    def _services(self) -> Services:
        return Services(self._machine, self._situation, self._progress)

    def _write(self, situation: Situation, *, enable: bool) -> None:
        write_all(self._machine, situation, plan_files(self._machine, situation, enable=enable), self._progress)

    def _receipt(self) -> Receipt:
        return read_receipt(self._machine.host, self._machine.paths.receipt)


def examine(machine: Machine, held: Callable[[Node], Mapping[int, Holder]]) -> Situation:
    """Return the situation of a node on which a cluster can be made; nothing is changed.

    Raises AlreadyConfigured, Conflict, and what `gather` raises.
    """
    situation = gather(machine)
    require_no_member(situation)
    require_all_services(situation)
    require_tls(machine, situation.node)
    require_no_data(situation, machine.host)
    require_ports(situation.node, held(situation.node))
    return situation


def _more_time(service: str, option: str) -> str:
    return (
        f"see what it does: chef-backend-ctl tail {service}; "
        f"then run this command again, which goes on from here, with a larger {option} if it was only slow"
    )
