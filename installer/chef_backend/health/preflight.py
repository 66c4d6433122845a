"""Whether this host is fit for a node, told before anything is changed on it."""

from __future__ import annotations

from chef_backend.health.finding import Finding
from chef_backend.health.look import PROBES, look
from chef_backend.health.situation import before_creation, known
from chef_backend.health.wanted import wanted
from chef_backend.health.world import World
from chef_backend.reconfigure.machine import Machine
from chef_backend.reconfigure.situation import Situation


def preflight(machine: Machine, world: World) -> tuple[Finding, ...]:
    """Return what is found of the configuration, the node and the host; NotPermitted for anyone but root."""
    found = known(machine)
    against = before_creation(machine, found.situation) if found.situation else ()
    return (*found.findings, *against, *look(PROBES, world, found.wanted, machine.clock))


def of_host(machine: Machine, situation: Situation, world: World) -> tuple[Finding, ...]:
    """Return what is found of the host, for a command that has read the rest."""
    node = situation.node
    return look(PROBES, world, wanted(node.settings, node.facts, node.paths), machine.clock)
