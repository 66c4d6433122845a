"""``omnibuild shell``: a shell in the tree of a component's build."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from omnibuild.commands.options import build_options, component_argument
from omnibuild.commands.session import Session
from omnibuild.component import interactive
from omnibuild.component.kept import KeptTree
from omnibuild.component.preparation import Preparer
from omnibuild.component.workspace import Workspace
from omnibuild.errors import BuildFailed
from omnibuild.files import remove_tree
from omnibuild.kinds.base import SOURCE_DIR
from omnibuild.pipeline.orders import order_for
from omnibuild.sandbox.spec import SandboxSpec


@click.command(context_settings={"ignore_unknown_options": True})
@component_argument("component")
@click.argument("argv", nargs=-1, type=click.UNPROCESSED)
@build_options
@click.option("--fresh", is_flag=True, help="Start from unpacked sources, even if a failed build's tree was kept.")
def command(session: Session, *, component: str, argv: tuple[str, ...], fresh: bool) -> int:
    """Open a shell, or run ARGV, in the tree of COMPONENT's last failed build.

    It is the build's own sandbox, environment and working directory. Where nothing was kept, the
    tree is as a build finds it: sources unpacked, dependencies in place. Nothing that is done
    there is ever stored or packaged: a build starts anew. Ends with the shell's exit code.
    """
    (name,) = session.components((component,))
    kept = None if fresh else KeptTree.of(session.store, name).load()
    if kept:
        spec, failed = kept
        what = "the failed build" if failed is not None else "the build, whose commands all succeeded"
        at = failed if failed is not None else _first(spec)
        _say(f"{name}: the tree of {what}; to go on by hand:", spec, at, failed)
        return interactive.enter(spec, argv, interactive.Place(name, at, session.jobs))
    directory = session.store.scratch(f"shell-{name}")
    try:
        spec = _fresh(session, name, directory)
        at = _first(spec)
        _say(f"{name}: sources unpacked, dependencies in place; the build would run:", spec, at, None)
        return interactive.enter(spec, argv, interactive.Place(name, at, session.jobs, prelude=spec.steps[:at]))
    finally:
        remove_tree(directory)


def _first(spec: SandboxSpec) -> int:
    """Return the number of the first step that works on the source."""
    return next((n for n, step in enumerate(spec.steps) if step.cwd.startswith(SOURCE_DIR)), 0)


def _fresh(session: Session, name: str, directory: Path) -> SandboxSpec:
    planner = session.planner
    needs = [*planner.edges.laid_out[name], *planner.edges.shipped_with[name]]
    cached = planner.cached([name])
    missing = [need for need in dict.fromkeys(needs) if need not in cached]
    if missing:
        raise BuildFailed(
            f"{name} needs what is not in the store yet: {', '.join(missing)}",
            hint=f"omnibuild build {' '.join(missing)}",
        )
    fetched = session.sources.fetch(name, session.listener)
    order = order_for(name, fetched, planner, session.sources, cached)
    preparer = Preparer(session.usable, session.store, session.host, session.jobs, f"-j{session.jobs}")
    workspace = Workspace.make(directory, session.usable.lineup.root, session.host.isolation)
    prepared = preparer.prepare(order, workspace)
    return workspace.spec(session.host, prepared.steps, {})


def _say(title: str, spec: SandboxSpec, at: int, failed: int | None) -> None:
    click.echo(title, err=True)
    for number, step in enumerate(spec.steps[at:], at):
        mark = "✗" if number == failed else " "
        click.echo(f" {mark} cd {shlex.quote(step.cwd)} && {shlex.join(step.argv)}", err=True)
    click.echo("(nothing done here is ever stored; leave with `exit`)", err=True)
