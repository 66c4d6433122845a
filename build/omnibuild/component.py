"""Builds one component: unpack, patch, run its commands, capture, strip, test, store."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from omnibuild import capture, events, note
from omnibuild.environment import BUILD_DIR, build_environment, run_environment
from omnibuild.errors import BuildFailed, HostLacks, InvalidInput, OmnibuildError
from omnibuild.files import remove_tree, write_atomic
from omnibuild.jobserver import Jobserver
from omnibuild.kinds.base import RECIPE_DIR, SOURCE_DIR, Context
from omnibuild.kinds.registry import commands_for
from omnibuild.lineup.load import Project
from omnibuild.platform import Host
from omnibuild.recipe.load import RecipeFolder
from omnibuild.recipe.model import ComponentTest
from omnibuild.recipe.variables import expand
from omnibuild.sandbox.run import RunningSandboxes, SandboxResult
from omnibuild.sandbox.spec import Isolation, Step
from omnibuild.sources.archive import unpack
from omnibuild.store.local import LocalStore
from omnibuild.store.result import BuildResult
from omnibuild.store.tree import Tree
from omnibuild.tail import last_lines
from omnibuild.unisolated import exposed
from omnibuild.workspace import Workspace

LICENSES = "LICENSES"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A fetched source and where it goes below the source folder."""

    path: Path
    into: str
    unpack: bool
    name: str


@dataclass(frozen=True, slots=True)
class Order:
    """All that one build needs to know.

    ``dependencies`` are laid out while building, ``runtime`` while testing (trees by name).
    """

    loaded: RecipeFolder
    key: str
    inputs: Mapping[str, str]
    sources: tuple[SourceFile, ...]
    dependencies: Mapping[str, Tree]
    runtime: Mapping[str, Tree]
    overridden: bool = False


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

    def build(self, order: Order) -> BuildResult:
        """Build, test and store a component; return what was recorded.

        A failed build's tree is kept for `omnibuild shell`. Raises BuildFailed.
        """
        recipe = order.loaded.recipe
        log = self._store.log_path(order.key)
        log.unlink(missing_ok=True)
        self._tell(events.Started(recipe.name, recipe.version, log))
        kept = kept_tree(self._store, recipe.name)
        if kept.is_symlink():
            remove_tree(kept.resolve())
            kept.unlink()
        workspace = Workspace.make(
            self._store.scratch(recipe.name), self._project.lineup.root, self._host.isolation
        )
        started = time.monotonic()
        try:
            result = self._build(order, workspace, log)
            result = replace(result, seconds=round(time.monotonic() - started, 2))
        except OmnibuildError as error:
            kept.symlink_to(workspace.directory.name)
            self._tell(events.Failed(recipe.name, error.message))
            raise
        self._store.put_result(result)
        remove_tree(workspace.directory)
        return result

    def _build(self, order: Order, workspace: Workspace, log: Path) -> BuildResult:
        recipe = order.loaded.recipe
        self._prepare(order, workspace)
        lower, owners = workspace.lay_out(self._store, order.dependencies)
        outcome = self._run(order, workspace, self._steps(order, workspace), owners, log)
        scope = workspace.captured / self._project.lineup.scope
        try:
            capture.prune(scope, recipe.payload.remove)
            self._add_licences(order.loaded, workspace)
            self._strip(order, workspace, owners, log)
            tree = capture.scan(workspace.captured, lower=lower)
            capture.require(tree, recipe.payload, self._project.lineup.scope)
        except BuildFailed as error:
            raise BuildFailed(f"{order.loaded.file}: {error.message}", hint=error.hint) from error
        reused = self._store.has_tree(tree.digest)
        self._store.ingest(workspace.captured, tree)
        self._test(order, tree, workspace, log)
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

    # -- before ----------------------------------------------------------------

    def _prepare(self, order: Order, workspace: Workspace) -> None:
        recipe, lineup = order.loaded.recipe, self._project.lineup
        for source in order.sources:
            target = workspace.source if source.into == "." else workspace.source / source.into
            if source.unpack:
                unpack(source.path, target)
            else:
                target.mkdir(parents=True, exist_ok=True)
                shutil.copy(source.path, target / source.name)
        document = note.note_json(recipe, product=lineup.name, architecture=lineup.architecture)
        files = {str(path.relative_to(order.loaded.folder)): path for path in order.loaded.files()}
        workspace.add_recipe(files, note.assembly(document))

    def _steps(self, order: Order, workspace: Workspace) -> tuple[Step, ...]:
        recipe, lineup = order.loaded.recipe, self._project.lineup
        variables = self._project.variables(recipe.name, jobs=self._jobserver.jobs)

        def fill(text: str) -> str:
            return expand(text, variables, where=str(order.loaded.file))

        env = build_environment(
            lineup,
            recipe,
            jobs=self._jobserver.jobs,
            makeflags=self._jobserver.makeflags,
            destdir=workspace.destdir,
            expand=fill,
        )
        context = Context(
            recipe.name, recipe.version, lineup.root, lineup.prefix, self._jobserver.jobs, workspace.destdir, fill
        )
        steps = []
        if self._host.has_assembler:
            steps.append(Step(("as", note.SOURCE, "-o", note.OBJECT), BUILD_DIR, env))
        patches = () if order.overridden else recipe.patches
        steps += [
            Step(("patch", "--batch", "--forward", "-p1", "-i", f"{RECIPE_DIR}/{patch}"), SOURCE_DIR, env)
            for patch in patches
        ]
        steps += [Step(c.argv, c.cwd, env | dict(c.env)) for c in commands_for(recipe.build, context)]
        return tuple(steps)

    # -- the commands ----------------------------------------------------------

    def _run(
        self, order: Order, workspace: Workspace, steps: tuple[Step, ...], owners: Mapping[str, str], log: Path
    ) -> SandboxResult:
        recipe = order.loaded.recipe
        spec = workspace.spec(self._host, steps, owners)
        write_atomic(workspace.directory / "spec.json", spec.to_json().encode())

        def on_step(index: int) -> None:
            argv = " ".join(steps[index].argv)
            with log.open("a") as stream:
                stream.write(f"\n==> {argv}\n")
            self._tell(events.Step(recipe.name, argv))

        with exposed(workspace, self._store):
            result = self._running.run(spec, log, inherit=self._jobserver.descriptors, on_step=on_step)
        if result.failed_step is not None:
            raise failure(order.loaded, steps[result.failed_step], result.status, log)
        return result

    def _strip(self, order: Order, workspace: Workspace, owners: Mapping[str, str], log: Path) -> None:
        if not order.loaded.recipe.payload.strip or not self._host.has_assembler:
            return
        root = self._project.lineup.root if not workspace.destdir else f"{workspace.destdir}{self._project.lineup.root}"
        paths = [f"{root}/{path}" for path in capture.elf_files(workspace.captured)]
        if paths:
            # Debug and local symbols go, dynamic ones stay; objects keep what a link needs.
            argv = ("strip", "--strip-unneeded", "--preserve-dates", "--", *paths)
            self._run(order, workspace, (Step(argv, BUILD_DIR, run_environment(self._project.lineup)),), {}, log)

    def _add_licences(self, loaded: RecipeFolder, workspace: Workspace) -> None:
        recipe = loaded.recipe
        for number, name in enumerate(recipe.license_files):
            variables = self._project.variables(recipe.name)
            source = workspace.source / expand(name, variables, where=f"{loaded.file}: license_files.{number}")
            if not source.is_file() or source.is_symlink():
                raise InvalidInput(
                    f"{loaded.file}: license_files.{number}: there is no file {name} in the source",
                    hint=f"at its top level are: {', '.join(sorted(os.listdir(workspace.source))[:20])}",
                )
            target = workspace.captured / LICENSES / licence_name(recipe.name, name)
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(source, target)

    # -- after -----------------------------------------------------------------

    def _test(self, order: Order, tree: Tree, workspace: Workspace, log: Path) -> None:
        recipe = order.loaded.recipe
        if not recipe.tests:
            return
        remove_tree(workspace.directory / "view")
        clean = workspace.fresh_layers()
        clean.lay_out(self._store, {**order.runtime, recipe.name: tree})
        variables = self._project.variables(recipe.name)
        for index, test in enumerate(recipe.tests):
            where = f"{order.loaded.file}: tests.{index}"
            argv = tuple(expand(part, variables, where=where) for part in test.run)
            step = Step(argv, BUILD_DIR, run_environment(self._project.lineup))
            self._tell(events.Step(recipe.name, f"test: {' '.join(argv)}"))
            output = clean.directory / f"{index}.log"
            with exposed(clean, self._store):
                result = self._running.run(
                    clean.spec(self._host, (step,), {}),
                    output,
                    inherit=(),
                    on_step=lambda _index: None,
                    timeout_s=test.timeout_s,
                )
            text = output.read_text(errors="replace")
            with log.open("a") as stream:
                stream.write(f"\n==> test: {' '.join(argv)}\n{text}")
            self._judge(test, where, argv, result, text, variables)

    @staticmethod
    def _judge(
        test: ComponentTest,
        where: str,
        argv: tuple[str, ...],
        result: SandboxResult,
        text: str,
        variables: Mapping[str, str],
    ) -> None:
        if result.failed_step is not None:
            raise BuildFailed(
                f"{where}: {' '.join(argv)}: {describe_status(result.status)}\n{_indent(text.splitlines()[-10:])}",
                hint="the test ran with the component's link and runtime dependencies only: is one undeclared?",
            )
        expected = expand(test.expect, variables, where=where) if test.expect else ""
        if expected not in text:
            raise BuildFailed(f"{where}: {' '.join(argv)}: expected {expected!r} in its output, found: {text.strip()[:200]!r}")


def kept_tree(store: LocalStore, name: str) -> Path:
    """The link to the tree of a component's last failed build, if there is one."""
    return store.directory / "scratch" / f"failed-{name}"


def licence_name(component: str, file: str) -> str:
    """The name below LICENSES/ under which a component's licence file is shipped."""
    return f"{component}-{file.rpartition('/')[2]}"


def describe_status(status: int) -> str:
    """Return an exit status in words: ``exit code 2`` or ``killed by signal 9``."""
    return f"exit code {status}" if status >= 0 else f"killed by signal {-status}"


def failure(loaded: RecipeFolder, step: Step, status: int, log: Path) -> OmnibuildError:
    """Return the error of a failed build step, with what the log's end suggests."""
    name = loaded.recipe.name
    lines = last_lines(log, 12)
    text = "\n".join(lines)
    if "No space left on device" in text:
        return HostLacks(f"{name}: the disk is full\n{_indent(lines)}", hint="free space, or give --store on another disk")
    hint = f"enter its tree with: omnibuild shell {name}"
    if step.argv[0] == "patch":
        return BuildFailed(
            f"{loaded.file}: {step.argv[-1].rpartition('/')[2]} does not apply\n{_indent(lines)}",
            hint=f"refresh the patch against {name} {loaded.recipe.version}; {hint}",
        )
    if "Read-only file system" in text:
        hint = f"a build may write below the prefix, {BUILD_DIR} and /tmp only; {hint}"
    return BuildFailed(
        f"{name}: {describe_status(status)} from: {' '.join(step.argv)}\n"
        f"  in {step.cwd}; the last lines of {log}:\n{_indent(lines)}",
        hint=hint,
    )


def _indent(lines: Iterable[str]) -> str:
    return "\n".join(f"  | {line}" for line in lines)


