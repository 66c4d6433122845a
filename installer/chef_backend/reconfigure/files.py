"""Accounts, folders, files and links: what is wanted of them at this point, planned and made."""

from __future__ import annotations

from collections.abc import Iterable

from chef_backend.reconfigure.identity import identity_file
from chef_backend.reconfigure.machine import Machine
from chef_backend.reconfigure.situation import Situation
from chef_backend.reconfigure.steps import Steps
from chef_backend.resources.apply import Step, apply, read_receipt
from chef_backend.resources.desired import settle
from chef_backend.resources.host import Host, Kind
from chef_backend.resources.model import Absent, Resource, Symlink
from chef_backend.resources.plan import Plan, make_plan
from chef_backend.resources.receipt import Receipt
from chef_backend.resources.view import look
from chef_backend.roles.desired import desired
from chef_backend.roles.node import Node


def wanted(node: Node, host: Host, *, enable: bool) -> list[Resource]:
    """Return a node's resources; without `enable`, the services that are enabled stay as they are.

    A link in the supervisor's folder starts a service, and the link's removal stops it.
    """
    found = [*desired(node), identity_file(node.identity, node.paths)]
    return found if enable else [*_without_links(found, node), *_links_there(found, node, host)]


def plan_files(machine: Machine, situation: Situation, *, enable: bool) -> Plan:
    """Return the least changes; Conflict with everything that is in the way."""
    settled = settle(wanted(situation.node, machine.host, enable=enable))
    receipt = read_receipt(machine.host, machine.paths.receipt)
    return make_plan(settled, look(machine.host, settled, receipt), receipt)


def write_files(machine: Machine, plan: Plan, steps: Steps) -> Receipt:
    """Make a plan's changes, and return the receipt."""

    def show(step: Step) -> None:
        if not step.done:
            steps.note(f"{step.number}/{step.total} {step.change.subject}")

    return apply(plan, machine.host, receipt=machine.paths.receipt, now=machine.now, on_step=show)


def _is_link(item: Resource, node: Node) -> bool:
    return isinstance(item, Symlink | Absent) and item.path.parent == node.paths.service


def _without_links(items: Iterable[Resource], node: Node) -> list[Resource]:
    return [item for item in items if not _is_link(item, node)]


def _links_there(items: Iterable[Resource], node: Node, host: Host) -> list[Resource]:
    links = [item.path for item in items if isinstance(item, Symlink | Absent) and _is_link(item, node)]
    found = {path: host.observe(path) for path in links}
    return [Symlink(path=path, target=there.target) for path, there in found.items() if there.kind is Kind.LINK]
