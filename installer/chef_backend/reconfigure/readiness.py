"""Services that do their work, not only run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from chef_backend.base.errors import ServiceFailed
from chef_backend.elasticsearch.model import SearchUnavailable
from chef_backend.reconfigure.machine import Machine
from chef_backend.reconfigure.waiting import Waiting
from chef_backend.resources.host import Kind
from chef_backend.roles.node import Node

WAITS_S: Final[Mapping[str, float]] = {"etcd": 30.0, "postgresql": 60.0, "elasticsearch": 120.0, "leaderl": 60.0}
# After a crash PostgreSQL replays its log first, and says so when it is asked.
_RECOVERY_S: Final = 3600.0
_RECOVERS: Final = ("starting up", "recovery", "not yet accepting")


class Readiness:
    """Asks the services of one node whether they do their work."""

    def __init__(self, machine: Machine, node: Node, waiting: Waiting) -> None:
        self._machine = machine
        self._node = node
        self._waiting = waiting

    def wait(self, service: str, within_s: float | None = None, *, hint: str = "") -> None:
        """Return when a service does its work; ServiceFailed. A program that writes a log does when it runs."""
        if service == "postgresql":
            self._wait_for_postgresql(within_s or WAITS_S[service])
        elif service in WAITS_S:
            what, check = self._questions()[service]
            self._waiting.until(service, what, check, within_s=within_s or WAITS_S[service], hint=hint)

    def _questions(self) -> Mapping[str, tuple[str, Callable[[], bool]]]:
        return {
            "etcd": ("etcd to be healthy", self._machine.clients.etcd(self._node).is_healthy),
            "elasticsearch": ("Elasticsearch to answer, its state not red", self._searches),
            "leaderl": ("leaderl to answer", self._answers),
        }

    def postgresql_may_start(self) -> bool:
        """Tell whether PostgreSQL's run script starts it: it waits while leaderl holds it back."""
        return self._machine.host.observe(self._machine.paths.no_start_pgsql).kind is Kind.MISSING

    def _wait_for_postgresql(self, within_s: float) -> None:
        database = self._machine.clients.database(self._node)

        def is_ready() -> bool:
            return database.ready().is_ready

        try:
            self._waiting.until("postgresql", "PostgreSQL to accept connections", is_ready, within_s=within_s)
        except ServiceFailed as error:
            reason = database.ready().reason
            if not any(word in reason for word in _RECOVERS):
                raise ServiceFailed(f"{error.message}\n{reason}", hint=error.hint) from None
            self._waiting.until("postgresql", "PostgreSQL to end its recovery", is_ready, within_s=_RECOVERY_S)

    def _searches(self) -> bool:
        try:
            return self._machine.clients.search(self._node).health().state != "red"
        except SearchUnavailable:
            return False

    def _answers(self) -> bool:
        return self._machine.clients.leads(self._node) is not None
