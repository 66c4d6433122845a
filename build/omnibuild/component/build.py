"""Builds one component: unpack, patch, run its commands, capture, strip, test, store."""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace
from pathlib import Path

from omnibuild import events
from omnibuild.component import capture, kept
from omnibuild.component.environment import BUILD_DIR, run_environment
from omnibuild.component.failures import failure
from omnibuild.component.licence_files import add_licences
from omnibuild.component.order import Order
from omnibuild.component.own_tests import Tester
from omnibuild.component.preparation import Prepared, Preparer
from omnibuild.component.unisolated import exposed
from omnibuild.component.workspace import Workspace
from omnibuild.errors import BuildFailed, Failed, OmnibuildError
from omnibuild.files import full_disk_told, remove_tree
from omnibuild.jobserver import Jobserver
from omnibuild.lineup.load import Project
from omnibuild.platform import Host
from omnibuild.sandbox.run import RunningSandboxes, SandboxResult
from omnibuild.sandbox.spec import Isolation, Step
from omnibuild.store.local import LocalStore
from omnibuild.store.result import BuildResult


class Builder:
    """Builds components of one project on one host; several at once."""

    def __init__(
        self,
        project: Project,
        store: LocalStore,
        host: Host,
        jobserver: Jobserver,
        running: RunningSandboxes,
        listener: events.Listener,
    ) -> None:
        self._project = project
        self._store = store
        self._host = host
        self._jobserver = jobserver
        self._running = running
        self._tell = listener
        self._preparer = Preparer(project, store, host, jobserver.jobs, jobserver.makeflags)
        self._tester = Tester(project, store, host, running, listener)

    def build(self, order: Order) -> BuildResult:
        """Build, test and store a component; return what was recorded.

        A failed build's tree is kept for `omnibuild shell`. Raises BuildFailed, and HostLacks when
        the disk is full.
        """
        with full_disk_told(self._store.directory):
            return self._attempt(order)

    def _attempt(self, order: Order) -> BuildResult:
        recipe = order.loaded.recipe
        log = self._store.log_path(order.key)
        log.unlink(missing_ok=True)
        self._tell(events.Started(recipe.name, recipe.version, log))
        place = kept.KeptTree.of(self._store, recipe.name)
        place.discard()
        workspace = Workspace.make(self._store.scratch(recipe.name), self._project.lineup.root, self._host.isolation)
        started = time.monotonic()
        try:
            result = self._build(order, workspace, log)
            result = replace(result, seconds=round(time.monotonic() - started, 2))
            self._store.put_result(result)
        except OmnibuildError as error:
            error.failed = (Failed(recipe.name, str(log)),)
            if not self._running.stopped:
                self._keep(order, workspace, place)
                self._tell(events.Failed(recipe.name, error.message))
            raise
        finally:
            remove_tree(workspace.directory)
        return result

    def _keep(self, order: Order, workspace: Workspace, place: kept.KeptTree) -> None:
        there = replace(workspace, directory=place.directory)
        # What is wrong was told already; OSError: another project keeps one of this name just now.
        with contextlib.suppress(OmnibuildError, OSError):
            place.keep(workspace.directory, there.spec(self._host, self._preparer.steps(order, there), {}))

    def _build(self, order: Order, workspace: Workspace, log: Path) -> BuildResult:
        recipe = order.loaded.recipe
        prepared = self._preparer.prepare(order, workspace)
        outcome = self._run(order, prepared, log)
        if outcome.failed_step is not None:
            with contextlib.suppress(OmnibuildError):  # a full disk; it is told below
                kept.note_failure(workspace.directory, outcome.failed_step)
            raise failure(order.loaded, prepared.steps[outcome.failed_step], outcome.status, log)
        try:
            capture.refuse_hidden(workspace.captured, prepared.lower)
            capture.prune(workspace.captured, self._project.lineup.scope, recipe.payload.remove)
            add_licences(order.loaded, workspace, self._project.variables(recipe.name))
            self._strip(order, prepared, log)
            tree = capture.scan(workspace.captured, lower=order.shipped_entries())
            capture.require(tree, recipe.payload, self._project.lineup.scope)
        except BuildFailed as error:
            raise BuildFailed(f"{order.loaded.file}: {error.message}", hint=error.hint) from error
        reused = self._store.has_tree(tree.digest)
        self._store.ingest(workspace.captured, tree)
        self._tester.test(order, tree, workspace, log)
        watched = self._host.isolation is not Isolation.NONE
        return BuildResult(
            key=order.key,
            name=recipe.name,
            version=recipe.version,
            tree=tree.digest,
            size=tree.size,
            seconds=0.0,
            peak_rss=outcome.peak_rss,
            isolation=str(self._host.isolation),
            opened=tuple(sorted(outcome.opened)) if watched else None,
            inputs=dict(order.inputs),
            notes=self._notes(order, reused=reused),
        )

    def _notes(self, order: Order, *, reused: bool) -> tuple[str, ...]:
        notes = []
        if order.overridden:
            notes.append("the source was overridden from a local tree")
        if self._host.isolation is Isolation.NONE:
            notes.append("built without isolation: network and host files were within reach")
        if reused:
            notes.append("the same bytes as an earlier build")
        return tuple(notes)

    def _run(self, order: Order, prepared: Prepared, log: Path) -> SandboxResult:
        recipe, workspace, steps = order.loaded.recipe, prepared.workspace, prepared.steps
        spec = workspace.spec(self._host, steps, prepared.owners)

        def on_step(index: int) -> None:
            argv = " ".join(steps[index].argv)
            with log.open("a") as stream:
                stream.write(f"\n==> {argv}\n")
            self._tell(events.Step(recipe.name, argv))

        with exposed(workspace, self._store):
            return self._running.run(spec, log, inherit=self._jobserver.descriptors, on_step=on_step)

    def _strip(self, order: Order, prepared: Prepared, log: Path) -> None:
        if not order.loaded.recipe.payload.strip or not self._host.has_assembler:
            return
        workspace = prepared.workspace
        root = f"{workspace.destdir}{self._project.lineup.root}"
        paths = [f"{root}/{path}" for path in capture.elf_files(workspace.captured)]
        if paths:
            # Debug and local symbols go, dynamic ones stay; objects keep what a link needs.
            argv = ("strip", "--strip-unneeded", "--preserve-dates", "--", *paths)
            step = Step(argv, BUILD_DIR, run_environment(self._project.lineup))
            done = self._run(order, replace(prepared, steps=(step,), owners={}), log)
            if done.failed_step is not None:
                raise failure(order.loaded, step, done.status, log)
