"""Builds every component that is not in the store, several at once, in one run."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from omnibuild import events, scheduler
from omnibuild.errors import BuildFailed, Failed, OmnibuildError
from omnibuild.jobserver import Jobserver
from omnibuild.pipeline.latest import Latest
from omnibuild.pipeline.orders import order_for
from omnibuild.pipeline.plan import Planner
from omnibuild.pipeline.sourcing import Fetched, Sources
from omnibuild.platform import Host
from omnibuild.sandbox.run import RunningSandboxes
from omnibuild.sandbox.spec import Isolation
from omnibuild.scheduler import Postponed
from omnibuild.sources.base import Warn
from omnibuild.store.local import LocalStore
from omnibuild.store.result import BuildResult

if TYPE_CHECKING:
    from omnibuild.component.build import Builder

_FETCHERS = 4


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """``jobs`` is the number of make jobs at once; of components too, unless ``at_once`` says fewer."""

    jobs: int
    keep_going: bool = False
    at_once: int | None = None


@dataclass(slots=True)
class BuildOutcome:
    """Every component's result by name, which of them were built now, and what went wrong."""

    results: dict[str, BuildResult] = field(default_factory=dict)
    built: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


class ComponentBuild:
    """One run of the builder over a project."""

    def __init__(
        self,
        planner: Planner,
        store: LocalStore,
        host: Host,
        sources: Sources,
        running: RunningSandboxes,
        listener: events.Listener,
    ) -> None:
        self._planner = planner
        self._store = store
        self._host = host
        self._sources = sources
        self._running = running
        self._tell = listener
        self._latest = Latest(store, planner.project.lineup.name)
        self._lock = threading.Lock()
        self._waiting: set[str] = set()

    def run(self, names: Iterable[str], options: BuildOptions) -> BuildOutcome:
        """Bring the components and all that they need into the store.

        Raises the first failure when there is one, BuildFailed naming all when several.
        """
        outcome = BuildOutcome()
        warn = outcome.warnings.append
        wanted = self._planner.edges.subset(names)
        cached = self._trusted(wanted, self._planner.sound(self._planner.cached(names, warn), warn), warn)
        outcome.results = dict(cached)
        pending = [name for name in self._planner.project.order if name in wanted - cached.keys()]
        self._tell(events.Planned(len(cached), len(pending)))
        for warning in outcome.warnings:
            self._tell(events.Warned(warning))
        if pending:
            self._build(pending, options, outcome)
        return outcome

    def _trusted(self, wanted: frozenset[str], cached: dict[str, BuildResult], warn: Warn) -> dict[str, BuildResult]:
        """Return the results without those that a pending build would see damaged: these are read, byte by byte.

        What no build sees is read when it is packaged, and compared with the same digests.
        """
        read: set[str] = set()
        while True:
            pending = wanted - cached.keys()
            seen = {need for name in pending for need in self._planner.edges.seen_by(name)} & cached.keys() - read
            if not seen:
                return cached
            read |= seen
            cached = self._planner.sound(cached, warn, thorough=seen)

    def _build(self, pending: list[str], options: BuildOptions, outcome: BuildOutcome) -> None:
        from omnibuild.component.build import Builder  # noqa: PLC0415 - only when there is something to build

        left = set(pending)
        edges = {name: tuple(n for n in self._planner.edges.needed[name] if n in left) for name in pending}
        with Jobserver(options.jobs) as jobserver, ThreadPoolExecutor(_FETCHERS) as pool:
            project = self._planner.project
            builder = Builder(project, self._store, self._host, jobserver, self._running, self._tell)
            fetches = {name: pool.submit(self._sources.fetch, name, self._tell) for name in pending}
            try:
                failures = scheduler.run(
                    edges,
                    lambda name: self._one(name, fetches[name], builder, outcome),
                    budget=self._budget(options),
                    weights={name: self._weight(name) for name in pending},
                    gates=fetches,
                    keep_going=options.keep_going,
                    stop=self._stop,
                )
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
        raise_for(failures, "built")

    def _stop(self) -> None:
        self._running.stop_all()
        self._sources.cancel()

    def _budget(self, options: BuildOptions) -> scheduler.Budget:
        slots = 1 if self._host.isolation is Isolation.NONE else options.at_once or options.jobs
        return scheduler.Budget(slots, int(available_memory() * 0.8))

    def _weight(self, name: str) -> scheduler.Weight:
        last = self._latest.get(name)
        return scheduler.Weight(last.seconds, last.peak_rss) if last else scheduler.Weight()

    def _warn(self, text: str, outcome: BuildOutcome) -> None:
        outcome.warnings.append(text)
        self._tell(events.Warned(text))

    def _one(self, name: str, fetch: Future[Fetched], builder: Builder, outcome: BuildOutcome) -> None:
        fetched = fetch.result()
        outcome.warnings.extend(fetched.warnings)
        with self._lock:
            results = dict(outcome.results)
        order = order_for(name, fetched, self._planner, self._sources, results)
        lock = self._store.lock(f"build-{order.key}")
        if not lock.try_acquire():
            if name not in self._waiting:
                self._waiting.add(name)
                self._tell(events.Waiting(name, lock.holder()))
            raise Postponed
        try:
            result = self._planner.sound_result(name, order.key, lambda text: self._warn(text, outcome))
            if result is None:
                result = builder.build(order)
                outcome.built.append(name)
                self._latest.put(result)
            self._tell(events.Finished(name, result.version, result.seconds, result.size, name not in outcome.built))
            with self._lock:
                outcome.results[name] = result
        finally:
            lock.release()


def available_memory() -> int:
    """Return the bytes that new processes may use without swapping (MemAvailable)."""
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) << 10
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def raise_for(failures: Mapping[str, OmnibuildError], done: str) -> None:
    """Raise what failed: itself when it is one, all in one message of its kind when several."""
    if not failures:
        return
    first = next(iter(failures.values()))
    for name, error in failures.items():
        error.failed = error.failed or (Failed(name),)
    if len(failures) == 1:
        raise first
    text = "\n".join(error.message for error in failures.values())
    kinds = {type(error) for error in failures.values()}
    kind = kinds.pop() if len(kinds) == 1 else BuildFailed
    every = kind(f"{len(failures)} components could not be {done}: {', '.join(failures)}\n{text}", hint=first.hint)
    every.failed = tuple(item for error in failures.values() for item in error.failed)
    raise every
