"""Runs a component's own tests in a clean root with only what it declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from omnibuild import events
from omnibuild.component.environment import BUILD_DIR, run_environment
from omnibuild.component.failures import describe_status, indent
from omnibuild.component.order import Order
from omnibuild.component.unisolated import exposed
from omnibuild.component.workspace import Workspace
from omnibuild.errors import BuildFailed
from omnibuild.files import remove_tree
from omnibuild.lineup.load import Project
from omnibuild.platform import Host
from omnibuild.recipe.model import ComponentTest
from omnibuild.recipe.variables import expand
from omnibuild.sandbox.run import RunningSandboxes, SandboxResult
from omnibuild.sandbox.spec import Step
from omnibuild.store.local import LocalStore
from omnibuild.store.tree import Tree


@dataclass(frozen=True, slots=True)
class Tester:
    """Tests components of one project on one host."""

    project: Project
    store: LocalStore
    host: Host
    running: RunningSandboxes
    tell: events.Listener

    def test(self, order: Order, tree: Tree, workspace: Workspace, log: Path) -> None:
        """Run every test of the recipe on what was built. Raises BuildFailed at the first that fails."""
        recipe = order.loaded.recipe
        if not recipe.tests:
            return
        remove_tree(workspace.directory / "view")
        clean = workspace.fresh_layers()
        clean.lay_out(self.store, {**order.runtime, recipe.name: tree})
        for index, test in enumerate(recipe.tests):
            self._one(order, index, test, clean, log)

    def _one(self, order: Order, index: int, test: ComponentTest, clean: Workspace, log: Path) -> None:
        name, where = order.loaded.recipe.name, order.loaded.place(f"tests.{index}")
        variables = self.project.variables(name)
        argv = tuple(expand(part, variables, where=where) for part in test.run)
        step = Step(argv, BUILD_DIR, run_environment(self.project.lineup))
        self.tell(events.Step(name, f"test: {' '.join(argv)}"))
        output = clean.directory / f"{index}.log"
        with exposed(clean, self.store):
            result = self.running.run(
                clean.spec(self.host, (step,), {}),
                output,
                inherit=(),
                on_step=lambda _index: None,
                timeout_s=test.timeout_s,
            )
        text = output.read_text(errors="replace")
        with log.open("a") as stream:
            stream.write(f"\n==> test: {' '.join(argv)}\n{text}")
        _judge(test, where, argv, result, text, variables)


def _judge(
    test: ComponentTest,
    where: str,
    argv: tuple[str, ...],
    result: SandboxResult,
    text: str,
    variables: Mapping[str, str],
) -> None:
    if result.timed_out:
        raise BuildFailed(
            f"{where}: {' '.join(argv)}: not done after {test.timeout_s} s\n{indent(text.splitlines()[-10:])}",
            hint="give the test a larger timeout_s if it may take so long",
        )
    if result.failed_step is not None:
        raise BuildFailed(
            f"{where}: {' '.join(argv)}: {describe_status(result.status)}\n{indent(text.splitlines()[-10:])}",
            hint="the test ran with the component's link and runtime dependencies only: is one undeclared?",
        )
    expected = expand(test.expect, variables, where=where) if test.expect else ""
    if expected not in text:
        raise BuildFailed(
            f"{where}: {' '.join(argv)}: expected {expected!r} in its output, found: {text.strip()[:200]!r}",
            hint=f"correct `expect`, or see what was built: omnibuild shell {variables['name']}",
        )
