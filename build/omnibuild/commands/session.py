"""What the commands share: the common options, and the objects made from them."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import click

from omnibuild.cachekey import Platform
from omnibuild.errors import InvalidInput
from omnibuild.lineup.load import Project, load_project
from omnibuild.lock import Lock, lock_path, require_fresh
from omnibuild.pipeline.build import ComponentBuild
from omnibuild.pipeline.plan import Planner
from omnibuild.pipeline.sourcing import Sources
from omnibuild.platform import Host, probe_isolation, toolchain_identity, tree_identity
from omnibuild.render import listener_for
from omnibuild.sandbox.run import RunningSandboxes
from omnibuild.sandbox.spec import Isolation
from omnibuild.sources.base import FetchOptions
from omnibuild.store.local import LocalStore
from omnibuild.store.place import default_store


@dataclass
class Session:
    """The objects of one invocation, each made when first asked for."""

    lineup_file: Path
    recipes_dir: Path
    store_dir: Path
    rootfs: Path | None
    jobs: int
    offline: bool = False
    mirror_dirs: tuple[Path, ...] = ()
    overrides: dict[str, Path] = field(default_factory=dict)
    locked: bool = False
    keep_going: bool = False

    @cached_property
    def project(self) -> Project:
        """The line-up with its recipes."""
        return load_project(self.lineup_file, self.recipes_dir)

    @cached_property
    def store(self) -> LocalStore:
        """The store, cleared of what dead processes left."""
        store = LocalStore(self.store_dir)
        store.clear_scratch()
        return store

    @cached_property
    def lock(self) -> Lock | None:
        """The line-up's lock: required to be fresh with --locked, else used if it is there."""
        if self.locked:
            return require_fresh(self.lineup_file, self.project)
        return Lock.load(lock_path(self.lineup_file)) if lock_path(self.lineup_file).is_file() else None

    @cached_property
    def sources(self) -> Sources:
        """The sources of the project's components."""
        options = FetchOptions(offline=self.offline, mirror_dirs=self.mirror_dirs)
        return Sources(self.project, self.store_dir / "sources", options, self.lock, self.overrides)

    @cached_property
    def host(self) -> Host:
        """The root tree that the commands run in, and the isolation that this host allows."""
        rootfs = self.rootfs or Path("/")
        identity = tree_identity(rootfs) if self.rootfs else toolchain_identity()
        isolation, reasons = probe_isolation(rootfs, self.store.directory / "scratch", is_root=os.geteuid() == 0)
        if isolation is Isolation.NONE and self.rootfs:
            raise InvalidInput(
                f"a build image needs namespaces, and this host allows none: {'; '.join(reasons)}",
                hint="allow user namespaces (kernel.unprivileged_userns_clone=1), run as root, or build with --native",
            )
        return Host(rootfs, identity, isolation, reasons)

    @cached_property
    def planner(self) -> Planner:
        """Finds keys and stored results."""
        capture = "destdir" if self.host.isolation is Isolation.NONE else "overlay"
        return Planner(self.project, self.store, Platform(self.host.identity, capture), self.sources)

    @cached_property
    def running(self) -> RunningSandboxes:
        """The sandboxes to stop on an interruption."""
        return RunningSandboxes()

    def component_build(self, *, quiet: bool = False) -> ComponentBuild:
        """Return the builder, reporting to the terminal."""
        return ComponentBuild(
            self.planner, self.store, self.host, self.sources, self.running, listener_for(sys.stderr, quiet=quiet)
        )


def _overrides(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> dict[str, Path]:
    result = {}
    for value in values:
        name, _, place = value.partition("=")
        kind, _, folder = place.partition(":")
        if kind != "path" or not folder:
            raise click.BadParameter(f"{value!r}: expected NAME=path:DIR")
        if not Path(folder).is_dir():
            raise click.BadParameter(f"{folder}: there is no such folder")
        result[name] = Path(folder)
    return result


_PROJECT_OPTIONS = (
    click.option("--lineup", "lineup_file", type=click.Path(path_type=Path), default="manifests/current.yml",
                 show_default=True, help="The line-up's file."),
    click.option("--recipes", "recipes_dir", type=click.Path(path_type=Path), default="recipes", show_default=True,
                 help="The folder of recipes."),
)  # fmt: skip
_BUILD_OPTIONS = (
    click.option("--store", "store_dir", type=click.Path(path_type=Path), default=default_store,
                 help="The store's folder ($OMNIBUILD_STORE; ~/.cache/omnibuild)."),
    click.option("--rootfs", type=click.Path(path_type=Path, exists=True, file_okay=False),
                 help="Run the recipes' commands in this file tree (see `omnibuild image`)."),
    click.option("-j", "--jobs", type=click.IntRange(1), default=lambda: len(os.sched_getaffinity(0)),
                 help="Jobs at once, over all components (the number of processors)."),
    click.option("--offline", is_flag=True, help="Use fetched sources only."),
    click.option("--mirror-dir", "mirror_dirs", multiple=True, type=click.Path(path_type=Path, exists=True),
                 help="Serve sources from this folder by their sha256."),
    click.option("--override", "overrides", multiple=True, callback=_overrides, metavar="NAME=path:DIR",
                 help="Build a component from a local tree."),
    click.option("--locked", is_flag=True, help="Fail when the lock is stale."),
    click.option("--keep-going", is_flag=True, help="After a failure build what does not depend on it."),
)  # fmt: skip


def project_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --lineup and --recipes; the command receives a Session without build options."""

    @functools.wraps(function)
    def wrapper(lineup_file: Path, recipes_dir: Path, **rest: object) -> object:
        session = Session(lineup_file, recipes_dir, default_store(), None, 1)
        return function(session, **rest)

    return _decorate(wrapper, _PROJECT_OPTIONS)


def build_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add every common option; the command receives a Session."""
    names = ("lineup_file", "recipes_dir", "store_dir", "rootfs", "jobs", "offline", "mirror_dirs", "overrides",
             "locked", "keep_going")  # fmt: skip

    @functools.wraps(function)
    def wrapper(**given: Any) -> object:  # noqa: ANN401 - click passes what the options say
        session = Session(**{name: given.pop(name) for name in names})
        return function(session, **given)

    return _decorate(wrapper, (*_PROJECT_OPTIONS, *_BUILD_OPTIONS))


def _decorate(function: Callable[..., Any], options: tuple[Any, ...]) -> Callable[..., Any]:
    for option in reversed(options):
        function = option(function)
    return function
