"""``uninstall``."""

from __future__ import annotations

import click

from chef_backend.ctl.progress import operation
from chef_backend.ctl.session import Session
from chef_backend.ctl.word import Word

_WORD = "uninstall"


@click.command(cls=Word, name=_WORD)
@click.pass_obj
def command(session: Session) -> None:
    """Stop all services and their supervisor, now and at the next boot.

    Data, configuration, logs and the package stay as they are; `chef-backend-ctl reconfigure` undoes it. Other nodes
    of the cluster go on counting this one as a member, that is away.
    """
    from chef_backend.removal.machine import real_machine  # noqa: PLC0415 - slow to import
    from chef_backend.removal.uninstall import TITLES, uninstall  # noqa: PLC0415 - the same

    machine = real_machine(session.paths)
    with (
        operation(session, "Uninstalling the services", word=_WORD, planned=TITLES) as steps,
        machine.lock(f"chef-backend-ctl {_WORD}"),
    ):
        uninstall(machine, steps)
    click.echo("All services are stopped, and stay so; nothing was deleted.")
    click.echo("To bring them back: chef-backend-ctl reconfigure")
