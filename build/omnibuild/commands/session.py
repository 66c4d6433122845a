"""What the commands share: the objects of one invocation, each made when first asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from omnibuild import events
from omnibuild.cachekey import Platform
from omnibuild.errors import BuildFailed, InvalidInput, StoreBusy
from omnibuild.lineup.load import Project, load_project
from omnibuild.lock import Lock, lock_path, require_fresh
from omnibuild.pipeline.build import BuildOptions, ComponentBuild
from omnibuild.pipeline.plan import Planner
from omnibuild.pipeline.sourcing import Sources
from omnibuild.platform import Host, isolation_of, toolchain_identity, tree_identity
from omnibuild.sandbox.run import RunningSandboxes
from omnibuild.sandbox.spec import Isolation
from omnibuild.sources.base import FetchOptions
from omnibuild.spelling import did_you_mean
from omnibuild.store.local import LocalStore
from omnibuild.store.locks import FileLock
from omnibuild.store.result import BuildResult
from omnibuild.terminal.render import listener_for


@dataclass
class Session:
    """One invocation's project, store and host; ``close`` lets others clean the store again."""

    lineup_file: Path = Path("manifests/current.yml")
    recipes_dir: Path = Path("recipes")
    store_dir: Path = Path()
    rootfs: Path | None = None
    jobs: int = 1
    at_once: int | None = None
    offline: bool = False
    mirror_dirs: tuple[Path, ...] = ()
    overrides: dict[str, Path] = field(default_factory=dict)
    locked: bool = False
    keep_going: bool = False
    severity: dict[str, str] = field(default_factory=dict)

    @property
    def project(self) -> Project:
        """The line-up with all its recipes, and with the tiers that this invocation states."""
        return self.usable.whole()

    @cached_property
    def usable(self) -> Project:
        """The same, but without the components whose recipes are not sound: for what needs some components only."""
        project = load_project(self.lineup_file, self.recipes_dir)
        return project.with_severity(self.severity) if self.severity else project

    def components(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the names if all are components that can be used, else raise InvalidInput."""
        for name in names:
            if name in self.usable.broken:
                raise self.usable.broken[name]
            if name not in self.usable.recipes:
                hint = did_you_mean(name, self.usable.recipes)
                raise InvalidInput(f"{name}: no such component in {self.lineup_file}", hint=hint)
        return tuple(names)

    @cached_property
    def _in_use(self) -> FileLock:
        return FileLock(self.store_dir / "locks" / "store")

    @cached_property
    def store(self) -> LocalStore:
        """The store, cleared of what dead processes left; nobody cleans it while this session lasts."""
        store = LocalStore(self.store_dir)
        if not self._in_use.try_acquire(shared=True):
            raise StoreBusy(
                f"{self.store_dir}: `omnibuild cache gc` is cleaning the store", hint="run again when it has ended"
            )
        store.clear_scratch()
        return store

    def close(self) -> None:
        """Give the terminal and the store back."""
        if "listener" in vars(self):  # made when first asked for
            self.listener(events.Ended())
        self._in_use.release()

    @cached_property
    def lock(self) -> Lock | None:
        """The line-up's lock: required to be fresh with --locked, else used if it is there."""
        if self.locked:
            return require_fresh(self.lineup_file, self.project)
        return Lock.load(lock_path(self.lineup_file)) if lock_path(self.lineup_file).is_file() else None

    @cached_property
    def sources(self) -> Sources:
        """The sources of the project's components."""
        return self.sources_with(self.lock)

    def sources_with(self, lock: Lock | None) -> Sources:
        """Return the sources under another lock than the one beside the line-up."""
        options = FetchOptions(offline=self.offline, mirror_dirs=self.mirror_dirs)
        return Sources(self.usable, self.store_dir / "sources", options, lock, self.overrides)

    @cached_property
    def host(self) -> Host:
        """The root tree that the commands run in, and the isolation that this host allows."""
        rootfs = self.rootfs or Path("/")
        identity = tree_identity(rootfs) if self.rootfs else toolchain_identity()
        isolation, reasons = isolation_of(rootfs, self.store.directory)
        if isolation is Isolation.NONE and self.rootfs:
            raise InvalidInput(
                f"a build image needs namespaces, and this host allows none: {'; '.join(reasons)}",
                hint="allow user namespaces (see `omnibuild doctor`), run as root, or build without --rootfs",
            )
        return Host(rootfs, identity, isolation, reasons)

    @cached_property
    def planner(self) -> Planner:
        """Finds keys and stored results."""
        capture = "destdir" if self.host.isolation is Isolation.NONE else "overlay"
        return Planner(self.usable, self.store, Platform(self.host.identity, capture), self.sources)

    def stored(self, names: Iterable[str]) -> dict[str, BuildResult]:
        """Return the stored results of the components; BuildFailed names those that are to be built first."""
        results = self.planner.cached(names)
        missing = [name for name in names if name not in results]
        if missing:
            raise BuildFailed(
                f"not in the store as they are now: {', '.join(missing)}",
                hint="run `omnibuild build` with the same options; `omnibuild why COMPONENT` says what changed",
            )
        return results

    @cached_property
    def running(self) -> RunningSandboxes:
        """The sandboxes to stop on an interruption."""
        return RunningSandboxes()

    @cached_property
    def listener(self) -> events.Listener:
        """What shows events to the user."""
        return listener_for(sys.stderr)

    @property
    def build_options(self) -> BuildOptions:
        """How this invocation builds."""
        return BuildOptions(self.jobs, self.keep_going, self.at_once)

    def component_build(self) -> ComponentBuild:
        """Return the builder, reporting to the terminal."""
        return ComponentBuild(self.planner, self.store, self.host, self.sources, self.running, self.listener)
