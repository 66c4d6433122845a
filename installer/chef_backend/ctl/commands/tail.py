"""``tail``."""

from __future__ import annotations

import click

from chef_backend.base.errors import ServiceFailed
from chef_backend.ctl.service_argument import service_argument
from chef_backend.ctl.session import Session
from chef_backend.ctl.word import Word
from chef_backend.supervise.choice import require_known
from chef_backend.supervise.follow import follow
from chef_backend.supervise.logs import log_files, log_folders
from chef_backend.supervise.runit import RunitSupervisor


@click.command(cls=Word, name="tail")
@service_argument()
@click.pass_obj
def command(session: Session, service: str) -> None:
    """Show the ends of the services' logs, or of SERVICE's, and what is added, until Ctrl-C.

    A log that is rotated is followed by its name.
    """
    supervisor = RunitSupervisor(session.paths)
    if service:
        require_known(supervisor, service)
    names = [service] if service else supervisor.defined()
    folders = log_folders(session.paths, names, everything=not service)
    files = log_files(folders)
    if not files:
        raise ServiceFailed(
            f"there is no log yet in {', '.join(map(str, folders))}",
            hint="see whether the service runs: chef-backend-ctl status --simple",
        )
    follow(files)
