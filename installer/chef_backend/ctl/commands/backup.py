"""``backup``."""

from __future__ import annotations

import click

from chef_backend.ctl.progress import operation
from chef_backend.ctl.session import Session
from chef_backend.ctl.word import Word

_WORD = "backup"
_TIMEOUT_S = 600
_MOST_S = 7 * 24 * 3600


@click.command(cls=Word, name=_WORD)
@click.option("--force", is_flag=True, help="Make it on this node even where it is the leader of others.")
@click.option(
    "--timeout",
    type=click.IntRange(1, _MOST_S),
    default=_TIMEOUT_S,
    show_default=True,
    metavar="SECONDS",
    help="Give up, and leave nothing, when it is not done by then.",
)
@click.pass_obj
def command(session: Session, *, force: bool, timeout: int) -> None:
    """Make a backup of this node, in /var/opt/chef-backup: PostgreSQL's data, the configuration and the secrets.

    Run it on a follower, or on the only node of a cluster. The services go on meanwhile. Elasticsearch's index is
    not in it: frontends make that anew.
    """
    from chef_backend.backup.deadline import Deadline  # noqa: PLC0415 - slow to import
    from chef_backend.backup.make import TITLES, Backup, Place  # noqa: PLC0415 - the same
    from chef_backend.backup.real import server_copies  # noqa: PLC0415 - the same
    from chef_backend.backup.room import megabytes  # noqa: PLC0415 - the same
    from chef_backend.backup.source import examine  # noqa: PLC0415 - the same
    from chef_backend.base.secret import Redactor  # noqa: PLC0415 - the same
    from chef_backend.reconfigure.real import real_machine  # noqa: PLC0415 - the same
    from chef_backend.reconfigure.situation import gather  # noqa: PLC0415 - the same
    from chef_backend.resources.lock import only_one  # noqa: PLC0415 - the same

    machine = real_machine(session.paths)
    with only_one(session.paths.backup_lock, f"chef-backend-ctl {_WORD}"):
        deadline = Deadline(machine.clock, timeout, "--timeout SECONDS")
        situation = gather(machine)
        source = examine(machine, situation, force=force)
        node = situation.node
        redactor = Redactor(node.secrets.every())
        with operation(session, "Making a backup", word=_WORD, planned=TITLES, redactor=redactor) as steps:
            place = Place(session.paths.backups)
            made = Backup(place, source, server_copies(node), deadline, steps).run()
    click.echo(f"{made.path} ({megabytes(made.size)})")
