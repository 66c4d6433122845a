"""This node's status from what the sources said. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chef_backend.status.answers import Answers
from chef_backend.status.distributed import distributed
from chef_backend.status.model import Failure, NodeStatus, Service
from chef_backend.supervise.state import ServiceState

# The order of the contract's table.
_ROWS: Final = ("leaderl", "etcd", "postgresql", "elasticsearch")


def node_status(answers: Answers) -> NodeStatus:
    """Return all that `status` shows."""
    return NodeStatus(
        at=answers.at,
        services=services(answers.services),
        distributed=distributed(answers),
        disks=answers.disks,
        restarts=answers.restarts,
    )


def services(states: Mapping[str, ServiceState | None]) -> tuple[Service, ...]:
    """Return the services in the table's order."""
    names = sorted(states, key=lambda name: (_rank(name), name))
    return tuple(Service(name, states[name] or Failure("runsv not running")) for name in names)


def _rank(name: str) -> int:
    return _ROWS.index(name) if name in _ROWS else len(_ROWS)
