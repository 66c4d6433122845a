"""This node and its host, examined."""

from __future__ import annotations

from collections.abc import Sequence

from chef_backend.base.paths import Paths
from chef_backend.base.proc import SystemRunner
from chef_backend.health.doctor import Check
from chef_backend.health.examine import Examined, examine
from chef_backend.health.look import Probe
from chef_backend.health.real import RealWorld
from chef_backend.reconfigure.real import real_machine
from chef_backend.status.real import NodeSources


def real_examination(paths: Paths, checks: Sequence[Check], probes: Sequence[Probe]) -> Examined:
    """Look at the real ones. NotPermitted for anyone but root."""
    machine = real_machine(paths)
    sources = NodeSources(paths, machine.host, machine.supervisor)
    return examine(machine, sources, RealWorld(SystemRunner()), checks, probes)
