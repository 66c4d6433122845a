"""``omnibuild shell``: a shell in the tree of a component's build."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from pathlib import Path

import click

from omnibuild import interactive
from omnibuild.commands.options import build_options, component_argument
from omnibuild.commands.session import Session
from omnibuild.errors import BuildFailed
from omnibuild.files import remove_tree
from omnibuild.kept import KeptTree
from omnibuild.pipeline.orders import order_for
from omnibuild.preparation import Preparer
from omnibuild.sandbox.spec import SandboxSpec
from omnibuild.workspace import Workspace


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
        _say_kept(name, spec, failed, session)
        return interactive.enter(spec, argv, step=failed or 0, jobs=session.jobs, name=name)
    directory = session.store.scratch(f"shell-{name}")
    try:
        spec = _fresh(session, name, directory)
        _say(f"{name}: sources unpacked, dependencies in place; the build would run:", spec, None)
        return interactive.enter(spec, argv, step=0, jobs=session.jobs, name=name)
    finally:
        remove_tree(directory)


def _fresh(session: Session, name: str, directory: Path) -> SandboxSpec:
    planner = session.planner
    needs = [*planner.edges.laid_out[name], *planner.edges.shipped_with[name]]
    missing = [need for need in dict.fromkeys(needs) if need not in planner.cached([name])]
    if missing:
        raise BuildFailed(
            f"{name} needs what is not in the store yet: {', '.join(missing)}",
            hint=f"omnibuild build {' '.join(missing)}",
        )
    fetched = session.sources.fetch(name, session.listener)
    order = order_for(name, fetched, planner, session.sources, planner.cached([name]))
    preparer = Preparer(session.project, session.store, session.host, session.jobs, f"-j{session.jobs}")
    workspace = Workspace.make(directory, session.project.lineup.root, session.host.isolation)
    prepared = preparer.prepare(order, workspace)
    return replace(workspace.spec(session.host, prepared.steps, {}), owners={})


def _say_kept(name: str, spec: SandboxSpec, failed: int | None, session: Session) -> None:
    what = (
        "the tree of the failed build" if failed is not None else "the tree of the build, whose commands all succeeded"
    )
    _say(f"{name}: {what}; to go on by hand:", spec, failed)
    if sys.stderr.isatty():
        click.echo(f"start over with: omnibuild build {name} --lineup {session.lineup_file}", err=True)


def _say(title: str, spec: SandboxSpec, failed: int | None) -> None:
    click.echo(title, err=True)
    for number, step in enumerate(spec.steps):
        if failed is None or number >= failed:
            mark = "✗" if number == failed else " "
            click.echo(f" {mark} cd {shlex.quote(step.cwd)} && {shlex.join(step.argv)}", err=True)
