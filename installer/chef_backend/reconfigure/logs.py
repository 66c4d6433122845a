"""The end of a service's log, without any secret."""

from __future__ import annotations

from chef_backend.base.secret import Redactor
from chef_backend.reconfigure.machine import Machine
from chef_backend.roles.node import Node


def end_of_log(machine: Machine, node: Node, service: str, lines: int) -> list[str]:
    """Return at most so many last lines; none where there is no log."""
    log = node.folder(f"{service.partition('/')[0]}.log_directory") / "current"
    redactor = Redactor(node.secrets.every())
    return [redactor.redact(line) for line in machine.last_lines(log, lines)]
