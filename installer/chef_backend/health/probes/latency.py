"""The time that the disk takes until a write is on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from chef_backend.health.codes import SYNC
from chef_backend.health.finding import Finding
from chef_backend.health.wanted import Wanted
from chef_backend.health.world import World

MOST_MS: Final = 10.0
FAR_TOO_MUCH_MS: Final = 50.0
# What else the machine does slows a round; what the disk is like slows each.
_ROUNDS: Final = 3
_SHARE: Final = 99
_MS: Final = 1000.0


def latency(world: World, wanted: Wanted) -> Iterator[Finding]:
    """Yield how long writes take at etcd's data: of up to three rounds the best."""
    rounds: list[Sequence[float]] = []
    while len(rounds) < _ROUNDS and (not rounds or slow_ms(rounds[-1]) > FAR_TOO_MUCH_MS):
        rounds.append(world.sync_times_s(wanted.synced))
    yield judge(rounds, world.disk(wanted.synced).place)


def judge(rounds: Sequence[Sequence[float]], place: Path) -> Finding:
    """Judge rounds of measured times, in seconds."""
    best = min(rounds, key=slow_ms)
    found_ms = slow_ms(best)
    middle_ms = sorted(best)[len(best) // 2] * _MS
    evidence = f"{len(best)} writes with fdatasync in {place}: median {middle_ms:.1f}, slowest {max(best) * _MS:.1f} ms"
    evidence += f"; the best of {len(rounds)} rounds" if len(rounds) > 1 else ""
    value = f"{found_ms:.1f} ms"
    if found_ms <= MOST_MS:
        return SYNC.fine(value, evidence=evidence)
    judged = SYNC.critical if found_ms > FAR_TOO_MUCH_MS else SYNC.warning
    return judged(value, evidence=evidence)


def slow_ms(times_s: Sequence[float]) -> float:
    """Return the time within which 99 of 100 were, in milliseconds; of fewer than 100 the longest."""
    ordered = sorted(times_s)
    return ordered[-(-len(ordered) * _SHARE // 100) - 1] * _MS
