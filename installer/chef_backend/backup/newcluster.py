"""What a restore does with the node's services: stopped, and started as a new cluster."""

from __future__ import annotations

from contextlib import suppress
from typing import Final, Protocol

from chef_backend.base.folders import Access
from chef_backend.cluster.create import Creation, Options
from chef_backend.reconfigure.files import plan_files
from chef_backend.reconfigure.machine import Machine
from chef_backend.reconfigure.membership import Membership, note_creating, note_finished, note_restoring
from chef_backend.reconfigure.run import write_all
from chef_backend.reconfigure.services import Services
from chef_backend.reconfigure.situation import Situation
from chef_backend.reconfigure.steps import Steps
from chef_backend.resources.host import Kind
from chef_backend.roles.supervision import SERVICES
from chef_backend.supervise.verbs import stop_order

_OPTIONS: Final = Options(etcd_wait_s=120.0, elasticsearch_wait_s=300.0)


class NewCluster(Protocol):
    """A cluster of this node alone, whose data somebody else puts in place."""

    def begin(self) -> None:
        """Note that a restore is under way: until the note is gone, nothing else may change this node."""
        ...

    def stop(self) -> None:
        """Stop every service, and keep each from starting with the machine; ServiceFailed."""
        ...

    def configure(self) -> None:
        """Write all files of the node; no service starts."""
        ...

    def start(self) -> None:
        """Start the services on the data that is in place, and return when this node leads.

        From its beginning on this is an unfinished create-cluster, which that command can finish.
        """
        ...

    def abandon(self, before: Membership) -> None:
        """Note that the node is again what it was before."""
        ...


class ThisNode:
    """See NewCluster: this machine, as `situation` says it is to be."""

    def __init__(self, machine: Machine, situation: Situation, progress: Steps) -> None:
        self._machine = machine
        self._situation = situation
        self._progress = progress

    def begin(self) -> None:
        """See NewCluster; on a node that was never configured, or was cleansed, there is no folder for anything yet."""
        host, paths = self._machine.host, self._machine.paths
        for folder, mode in ((paths.etc, 0o755), (paths.data, 0o755), (paths.state, 0o700)):
            if host.observe(folder, through_link=True).kind is Kind.MISSING:
                host.make_folder(folder, Access(0, 0, mode))
        note_restoring(host, paths)

    def stop(self) -> None:
        """See NewCluster: a service without its link is not started by the supervisor."""
        supervisor = self._machine.supervisor
        services = Services(self._machine, self._situation, self._progress)
        for service in stop_order(set(SERVICES) & set(supervisor.enabled())):
            self._progress.note(service)
            if supervisor.state(service) is not None:
                services.stop(service)
        for service in SERVICES:
            with suppress(FileNotFoundError):
                self._machine.host.remove_file(self._machine.paths.service / service)

    def configure(self) -> None:
        """See NewCluster."""
        machine, situation = self._machine, self._situation
        write_all(machine, situation, plan_files(machine, situation, enable=False), self._progress)

    def start(self) -> None:
        """See NewCluster."""
        creation = Creation(self._machine, self._situation, _OPTIONS, self._progress)
        for title, action in creation.steps.items():
            self._progress.note(title)
            action()

    def abandon(self, before: Membership) -> None:
        """See NewCluster."""
        match before:
            case Membership.CREATING:
                note_creating(self._machine.host, self._machine.paths)
            case Membership.RESTORING:
                note_restoring(self._machine.host, self._machine.paths)
            case Membership.NONE | Membership.MEMBER:
                note_finished(self._machine.host, self._machine.paths)
