"""A node and its host looked at together, and judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from chef_backend.base.clock import Clock
from chef_backend.health.causes import explained
from chef_backend.health.codes import LOOK
from chef_backend.health.doctor import Check, judged
from chef_backend.health.finding import Finding
from chef_backend.health.gather import look
from chef_backend.health.look import Probe
from chef_backend.health.look import look as look_at_host
from chef_backend.health.seen import Seen
from chef_backend.health.situation import known
from chef_backend.health.world import World
from chef_backend.reconfigure.machine import Machine
from chef_backend.status.ask import Questions
from chef_backend.status.gather import Sources
from chef_backend.status.model import Failure

# What is looked at alone comes first: see chef_backend.health.look.
_PROBES_S: Final = 3.0
_HOST_S: Final = 2 * _PROBES_S + 1


@dataclass(frozen=True, slots=True)
class Examined:
    """The findings, and what they follow from; nothing of it where the look itself did not succeed."""

    findings: tuple[Finding, ...]
    seen: Seen | None = None


def examine(
    machine: Machine, sources: Sources, world: World, checks: Sequence[Check], probes: Sequence[Probe]
) -> Examined:
    """Look at everything at once, and judge it by these checks and probes. NotPermitted for anyone but root."""
    found = known(machine)
    asked = Questions(machine.clock, _HOST_S)
    host = asked.ask(lambda: look_at_host(probes, world, found.wanted, machine.clock, within_s=_PROBES_S))
    seen = look(machine, found, sources, world)
    answer = host()
    of_host = _nothing(answer.reason) if isinstance(answer, Failure) else answer
    return Examined(explained((*judged(seen, checks), *of_host)), seen)


def in_time(look: Callable[[], Examined], clock: Clock, within_s: float) -> Examined:
    """Return what a look gives; where it fails, or takes longer, a finding that says so."""
    answer = Questions(clock, within_s).ask(look)()
    return Examined(_nothing(answer.reason)) if isinstance(answer, Failure) else answer


def _nothing(reason: str) -> tuple[Finding, ...]:
    return (LOOK.unknown(reason),)
