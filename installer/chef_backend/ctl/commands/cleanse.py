"""``cleanse``."""

from __future__ import annotations

import click

from chef_backend.base.clock import SystemClock
from chef_backend.ctl.countdown import banner, count_down
from chef_backend.ctl.progress import operation
from chef_backend.ctl.session import Session
from chef_backend.ctl.word import Word

_WORD = "cleanse"
_WAIT_S = 60


@click.command(cls=Word, name=_WORD)
@click.argument("sure", required=False, type=click.Choice(["yes"]), metavar="[yes]")
@click.option("--orphan", is_flag=True, help="Also while other nodes count this one as a member of their cluster.")
@click.option("--last-copy", is_flag=True, help="Also when the cluster's data may be nowhere else.")
@click.option("--with-external", is_flag=True, help="Accepted and without effect: a backend has no external data.")
@click.pass_obj
def command(session: Session, *, sure: str | None, orphan: bool, last_copy: bool, with_external: bool) -> None:
    """Delete everything that this node has: services, data, configuration and logs.

    It waits 60 seconds before it begins; `yes` skips that. The configuration is copied into a folder in /root first.
    Backups in /var/opt/chef-backup are never deleted, nor is what is on other file systems mounted below the node's
    folders, nor what symbolic links lead to.
    """
    from chef_backend.removal.cleanse import TITLES, cleanse, examine  # noqa: PLC0415 - slow to import
    from chef_backend.removal.machine import real_machine  # noqa: PLC0415 - the same
    from chef_backend.removal.report import closing_lines, warning_lines  # noqa: PLC0415 - the same
    from chef_backend.removal.standing import Consent  # noqa: PLC0415 - the same

    if with_external:
        click.echo("warning: --with-external has no effect: this node keeps nothing on an external database", err=True)
    machine = real_machine(session.paths)
    with machine.lock(f"chef-backend-ctl {_WORD}"):
        ground = examine(machine, Consent(orphan=orphan, last_copy=last_copy))
        click.echo(banner("STOP AND READ", warning_lines(session.paths)), err=True)
        if sure is None:
            count_down(_WAIT_S, SystemClock(), lambda text: click.echo(text, err=True))
        with operation(session, "Cleansing this node", word=_WORD, planned=TITLES) as steps:
            outcome = cleanse(machine, ground, steps)
    for line in closing_lines(outcome, session.paths):
        click.echo(line)
