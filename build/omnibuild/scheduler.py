"""Runs components as soon as they are ready, within a budget of slots and memory.

A worker never waits for another: only ready components are handed out, the one with the
longest way to the end first. One that would exceed the memory budget lets smaller ones pass.
"""

from __future__ import annotations

import contextlib
import graphlib
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from omnibuild import graph
from omnibuild.errors import OmnibuildError

_POLL_S = 0.5
_UNKNOWN_SECONDS = 60.0
_UNKNOWN_MEMORY = 512 << 20


@dataclass(frozen=True, slots=True)
class Weight:
    """What a component needed the last time: wall seconds, peak resident bytes."""

    seconds: float = _UNKNOWN_SECONDS
    memory: int = _UNKNOWN_MEMORY


@dataclass(frozen=True, slots=True)
class Budget:
    """How many components may run at once, and how many bytes they may use together."""

    slots: int
    memory: int


class Postponed(Exception):
    """Raised by a job that another process is doing at this moment."""


def run(  # noqa: PLR0913 - keyword-only, each with a default
    edges: graph.Edges,
    job: Callable[[str], None],
    *,
    budget: Budget,
    weights: Mapping[str, Weight],
    gates: Mapping[str, Future[Any]] | None = None,
    keep_going: bool = False,
    stop: Callable[[], None] = lambda: None,
) -> dict[str, OmnibuildError]:
    """Call ``job(name)`` once for each name, after all it points to; return the failures.

    ``gates`` hold names back until their future is done (a source is still being fetched);
    what it gave is the job's business. After a failure nothing new is started, unless
    ``keep_going``: then everything not depending on the failed name still runs. Any other
    exception of a job, and an interruption, ends the run and is raised; ``stop`` is called
    first and must end the jobs that run.
    """
    sorter = graphlib.TopologicalSorter({name: set(needs) for name, needs in edges.items()})
    sorter.prepare()
    urgency = graph.time_to_end(edges, {name: weight.seconds for name, weight in weights.items()})
    gates = gates or {}
    waiting: list[str] = []
    postponed: set[str] = set()
    running: dict[Future[None], str] = {}
    failures: dict[str, OmnibuildError] = {}
    with ThreadPoolExecutor(budget.slots) as pool, _stopping(stop):
        while True:
            waiting.extend(sorter.get_ready())
            waiting.sort(key=lambda name: (-urgency[name], name))
            if not failures or keep_going:
                open_ = [n for n in waiting if n not in postponed and (n not in gates or gates[n].done())]
                postponed.clear()
                for name in startable(open_, list(running.values()), budget, weights):
                    waiting.remove(name)
                    running[pool.submit(job, name)] = name
            elif not running:
                return failures
            if not running and not waiting:
                return failures
            closed = {gates[name] for name in waiting if name in gates and not gates[name].done()}
            for future in _ended({*running, *closed}) & running.keys():
                name = running.pop(future)
                try:
                    if _succeeded(future, name, failures):
                        sorter.done(name)
                except Postponed:
                    waiting.append(name)
                    postponed.add(name)


@contextlib.contextmanager
def _stopping(stop: Callable[[], None]) -> Iterator[None]:
    """Call ``stop`` when the context is left by an exception, before anyone waits for the jobs."""
    try:
        yield
    except BaseException:
        stop()
        raise


def startable(
    waiting: list[str],
    running: list[str],
    budget: Budget,
    weights: Mapping[str, Weight],
) -> list[str]:
    """Return which of ``waiting`` (most urgent first) may start beside ``running``.

    One component always may, however much memory it needs.
    """
    chosen: list[str] = []
    memory = sum(weights.get(name, Weight()).memory for name in running)
    for name in waiting:
        if len(running) + len(chosen) >= budget.slots:
            break
        need = weights.get(name, Weight()).memory
        if memory + need <= budget.memory or not (running or chosen):
            chosen.append(name)
            memory += need
    return chosen


def _ended(futures: set[Future[Any]]) -> set[Future[Any]]:
    """Return those that ended, after a while none; where there is nothing to wait for, pause."""
    if not futures:
        time.sleep(_POLL_S)
    return wait(futures, timeout=_POLL_S, return_when=FIRST_COMPLETED).done


def _succeeded(future: Future[None], name: str, failures: dict[str, OmnibuildError]) -> bool:
    try:
        future.result()
    except OmnibuildError as error:
        failures[name] = error
        return False
    return True
