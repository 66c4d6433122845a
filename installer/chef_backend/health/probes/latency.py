"""The time that the disk takes until a write is on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from chef_backend.health.codes import SYNC
from chef_backend.health.finding import Finding
from chef_backend.health.wanted import Wanted
from chef_backend.health.world import World

# etcd's own advice for its log: https://etcd.io/docs/v3.5/faq/
MOST_MS: Final = 10.0
# A neighbour's busy moment makes some writes slow; where half of them are, it is the disk.
HALF_MS: Final = 25.0
_ROUNDS: Final = 3
_SHARE: Final = 99
_HALF: Final = 50
_MS: Final = 1000.0


def latency(world: World, wanted: Wanted) -> Iterator[Finding]:
    """Yield how long writes take at etcd's data: of up to three rounds the best."""
    rounds: list[Sequence[float]] = []
    while len(rounds) < _ROUNDS and (not rounds or within_ms(rounds[-1], _HALF) > HALF_MS):
        rounds.append(world.sync_times_s(wanted.synced))
    yield judge(rounds, world.disk(wanted.synced).place)


def judge(rounds: Sequence[Sequence[float]], place: Path) -> Finding:
    """Judge rounds of measured times, in seconds."""
    best = min(rounds, key=lambda times_s: within_ms(times_s, _HALF))
    most_ms, half_ms = within_ms(best, _SHARE), within_ms(best, _HALF)
    evidence = f"{len(best)} writes with fdatasync in {place}: half of them within {half_ms:.1f}, all within "
    evidence += f"{within_ms(best, 100):.1f} ms" + (f"; the best of {len(rounds)} rounds" if len(rounds) > 1 else "")
    value = f"{most_ms:.1f} ms"
    if most_ms <= MOST_MS:
        return SYNC.fine(value, evidence=evidence)
    judged = SYNC.critical if half_ms > HALF_MS else SYNC.warning
    return judged(value, evidence=evidence)


def within_ms(times_s: Sequence[float], percent: int) -> float:
    """Return the time within which so many of 100 were, in milliseconds; of fewer than 100 it may be the longest."""
    ordered = sorted(times_s)
    return ordered[-(-len(ordered) * percent // 100) - 1] * _MS
