"""``service-list``."""

from __future__ import annotations

import click

from chef_backend.ctl.session import Session
from chef_backend.ctl.word import Word
from chef_backend.supervise.runit import RunitSupervisor


@click.command(cls=Word, name="service-list")
@click.pass_obj
def command(session: Session) -> None:
    """List the services of this node, one a line; those that are enabled have a * behind their name."""
    supervisor = RunitSupervisor(session.paths)
    enabled = supervisor.enabled()
    for name in sorted({*supervisor.defined(), *enabled}):
        click.echo(f"{name}*" if name in enabled else name)
