"""``upgrade``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from chef_backend.ctl.progress import operation
from chef_backend.ctl.session import Session
from chef_backend.ctl.word import Word

if TYPE_CHECKING:
    from chef_backend.upgrade.run import Upgraded

_WORD = "upgrade"


@click.command(cls=Word, name=_WORD)
@click.option("--failover", is_flag=True, help="Hand the leadership over first; not on a node that is alone.")
@click.pass_obj
def command(session: Session, *, failover: bool) -> None:
    """Bring this node's services to the installed version, after a package was installed over an older one.

    The files are written as reconfigure does, PostgreSQL and every other service that was started before the package
    came is restarted, and the node must answer again. Called once more it finds nothing to do; after an interruption it
    goes on.
    """
    from chef_backend.reconfigure.real import real_machine  # noqa: PLC0415 - slow to import
    from chef_backend.status.real import NodeSources  # noqa: PLC0415 - the same
    from chef_backend.upgrade.code import installed_at  # noqa: PLC0415 - the same
    from chef_backend.upgrade.run import TITLES, require_successor, upgrade  # noqa: PLC0415 - the same

    machine = real_machine(session.paths)
    if failover:
        require_successor(machine)
    sources = NodeSources(session.paths, machine.host, machine.supervisor)
    with (
        operation(session, f"Upgrading this node to {machine.version}", word=_WORD, planned=TITLES) as steps,
        machine.lock(f"chef-backend-ctl {_WORD}"),
    ):
        done = upgrade(machine, steps, installed_at=installed_at(session.paths), serves=sources.serves)
    _tell(done, machine.version)


def _tell(done: Upgraded, version: str) -> None:
    from chef_backend.reconfigure.report import closing_lines  # noqa: PLC0415 - slow to import

    for warning in done.outcome.situation.warnings:
        click.echo(f"warning: {warning}", err=True)
    for line in closing_lines(done.outcome):
        click.echo(line, err=line.startswith("warning: "))
    if done.restarted:
        click.echo(f"Restarted: {', '.join(done.restarted)}.")
    else:
        click.echo("Nothing was restarted: every service was started after the package was installed.")
    click.echo(f"This node runs chef-backend {version}, and answers.")
