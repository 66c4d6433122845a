"""Makes a component's workspace ready: sources unpacked, dependencies laid out, commands known."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from omnibuild.component import note
from omnibuild.component.environment import BUILD_DIR, build_environment
from omnibuild.component.order import Order
from omnibuild.component.workspace import Workspace
from omnibuild.errors import UnsafeArchive
from omnibuild.kinds.base import RECIPE_DIR, SOURCE_DIR, Context
from omnibuild.kinds.registry import commands_for
from omnibuild.lineup.load import Project
from omnibuild.platform import Host
from omnibuild.recipe.variables import expand
from omnibuild.sandbox.spec import Step
from omnibuild.sources.archive import unpack
from omnibuild.store.local import LocalStore
from omnibuild.store.tree import Entry


@dataclass(frozen=True, slots=True)
class Prepared:
    """A workspace in which the steps can run; ``lower`` and ``owners`` are the dependencies' files."""

    workspace: Workspace
    steps: tuple[Step, ...]
    lower: Mapping[str, Entry]
    owners: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Preparer:
    """Prepares builds of one project on one host; ``makeflags`` join every make to the jobserver."""

    project: Project
    store: LocalStore
    host: Host
    jobs: int
    makeflags: str

    def prepare(self, order: Order, workspace: Workspace) -> Prepared:
        """Fill an empty workspace. Raises UnsafeArchive, BuildFailed, InvalidInput."""
        self._unpack(order, workspace)
        lower, owners = workspace.lay_out(self.store, order.dependencies)
        return Prepared(workspace, self.steps(order, workspace), lower, owners)

    def _unpack(self, order: Order, workspace: Workspace) -> None:
        recipe, lineup = order.loaded.recipe, self.project.lineup
        for number, source in enumerate(order.sources):
            target = workspace.source if source.into == "." else workspace.source / source.into
            if source.unpack:
                _unpack(source.path, target, where=order.loaded.place(f"sources.{number}"))
            else:
                target.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source.path, target / source.name)
        document = note.note_json(recipe, product=lineup.name, architecture=lineup.architecture)
        files = {str(path.relative_to(order.loaded.folder)): path for path in order.loaded.files()}
        workspace.add_recipe(files, note.assembly(document))

    def steps(self, order: Order, workspace: Workspace) -> tuple[Step, ...]:
        """Return the commands of a build: the package note, the patches, the kind's own."""
        recipe, lineup = order.loaded.recipe, self.project.lineup
        variables = self.project.variables(recipe.name, jobs=self.jobs)

        def fill(text: str) -> str:
            return expand(text, variables, where=str(order.loaded.file))

        env = build_environment(
            lineup, recipe, jobs=self.jobs, makeflags=self.makeflags, destdir=workspace.destdir, expand=fill
        )
        context = Context(recipe.name, recipe.version, lineup.root, lineup.prefix, self.jobs, workspace.destdir, fill)
        steps = []
        if self.host.has_assembler:
            steps.append(Step(("as", note.SOURCE, "-o", note.OBJECT), BUILD_DIR, env))
        patches = () if order.overridden else recipe.patches
        steps += [
            Step(("patch", "--batch", "--forward", "-p1", "-i", f"{RECIPE_DIR}/{patch}"), SOURCE_DIR, env)
            for patch in patches
        ]
        steps += [Step(c.argv, c.cwd, env | dict(c.env)) for c in commands_for(recipe.build, context)]
        return tuple(steps)


def _unpack(archive: Path, target: Path, *, where: str) -> None:
    """Unpack a source; an archive that must not be is told with the recipe that names it."""
    try:
        unpack(archive, target)
    except UnsafeArchive as error:
        raise UnsafeArchive(f"{where}: {error.message}", hint=error.hint) from error
