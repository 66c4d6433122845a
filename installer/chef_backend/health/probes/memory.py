"""Memory: how much there is, and how much of it the settings claim."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chef_backend.health.codes import MEMORY, MEMORY_PLAN
from chef_backend.health.finding import Finding
from chef_backend.health.wanted import Wanted
from chef_backend.health.world import World

_LEAST_MB: Final = 2048
# What a machine sold with 2 GB shows: firmware and kernel have taken their part.
_SHOWN_MB: Final = 1900
_HARDLY_MB: Final = 950
_GB: Final = 1024


def memory(_world: World, wanted: Wanted) -> Iterator[Finding]:
    """Yield what is to be said of memory."""
    yield enough(wanted.facts.memory_mb)
    yield plan(wanted.shared_buffers_mb, wanted.heap_mb, wanted.facts.memory_mb)


def enough(memory_mb: int) -> Finding:
    """Judge the memory of the machine."""
    value = f"{memory_mb / _GB:.1f} GB"
    if memory_mb >= _SHOWN_MB:
        return MEMORY.fine(value)
    judged = MEMORY.critical if memory_mb < _HARDLY_MB else MEMORY.warning
    return judged(value, evidence=f"MemTotal is {memory_mb} MB, {_LEAST_MB} are expected")


def plan(shared_buffers_mb: int, heap_mb: int, memory_mb: int) -> Finding:
    """Judge what PostgreSQL and Elasticsearch will take at once."""
    claimed_mb = shared_buffers_mb + heap_mb
    value = f"{claimed_mb * 100 // memory_mb} % claimed"
    evidence = f"shared_buffers {shared_buffers_mb} MB + heap {heap_mb} MB of {memory_mb} MB"
    if claimed_mb * 4 <= memory_mb * 3:
        return MEMORY_PLAN.fine(value, evidence=evidence)
    judged = MEMORY_PLAN.critical if claimed_mb >= memory_mb else MEMORY_PLAN.warning
    return judged(value, evidence=evidence)
