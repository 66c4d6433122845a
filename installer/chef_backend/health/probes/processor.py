"""Processors: how many, and what they can do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chef_backend.health.codes import PROCESSORS, SSE42
from chef_backend.health.finding import Finding
from chef_backend.health.wanted import Wanted
from chef_backend.health.world import World

_LEAST: Final = 2


def processor(world: World, wanted: Wanted) -> Iterator[Finding]:
    """Yield what is to be said of the processors."""
    count = wanted.facts.cpu_count
    yield PROCESSORS.fine(str(count)) if count >= _LEAST else PROCESSORS.warning(str(count))
    yield features(world.read("/proc/cpuinfo"))


def features(cpuinfo: str) -> Finding:
    """Judge what /proc/cpuinfo says of the first processor; others than Intel's and AMD's have no such line."""
    flags = next((line.partition(":")[2].split() for line in cpuinfo.splitlines() if line.startswith("flags")), None)
    if flags is None:
        return SSE42.unknown("not told", evidence="/proc/cpuinfo has no line `flags`")
    return SSE42.fine("SSE4.2") if "sse4_2" in flags else SSE42.warning("no SSE4.2")
