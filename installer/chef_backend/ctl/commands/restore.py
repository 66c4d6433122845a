"""``restore``."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path

import click

from chef_backend.ctl.licence import require_licence
from chef_backend.ctl.progress import operation
from chef_backend.ctl.prompts import Terminal, require_yes
from chef_backend.ctl.session import Session
from chef_backend.ctl.word import Word

_WORD = "restore"


def _checked(_context: click.Context, _param: click.Parameter, text: str) -> str:
    try:
        return str(ip_address(text)) if text else ""
    except ValueError:
        raise click.BadParameter("an IP address is expected") from None


@click.command(cls=Word, name=_WORD)
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "-d",
    "--staging-dir",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="An empty folder with room for the unpacked backup.",
)
@click.option("-y", "--yes", is_flag=True, help="Ask nothing, and accept the licence.")
@click.option(
    "--publish-address",
    "--publish_address",
    "address",
    callback=_checked,
    default="",
    metavar="IP",
    help="The address of this node, where the backup is of another.",
)
@click.pass_obj
def command(session: Session, *, path: Path, staging_dir: Path | None, yes: bool, address: str) -> None:
    """Make a new cluster from the backup PATH, of which this node is the leader.

    All data on this node is replaced, and its configuration and secrets too. The backup is unpacked, compared and
    tried out before anything is touched, and what was there is kept until the new cluster runs.
    """
    require_licence(session.paths, Terminal(), accepted=yes)
    _restore(session, Path.cwd() / path, staging_dir and Path.cwd() / staging_dir, address, yes=yes)


def _restore(session: Session, archive: Path, staging_dir: Path | None, address: str, *, yes: bool) -> None:
    from chef_backend.backup.examine import examine  # noqa: PLC0415 - slow to import
    from chef_backend.backup.newcluster import ThisNode  # noqa: PLC0415 - the same
    from chef_backend.backup.prepare import aside, companions, job, opened_head  # noqa: PLC0415 - the same
    from chef_backend.backup.real import server_copies  # noqa: PLC0415 - the same
    from chef_backend.backup.restoration import TITLES, Restoration  # noqa: PLC0415 - the same
    from chef_backend.backup.staging import Staging  # noqa: PLC0415 - the same
    from chef_backend.backup.words import QUESTION, announced, done  # noqa: PLC0415 - the same
    from chef_backend.base.secret import Redactor  # noqa: PLC0415 - the same
    from chef_backend.cluster.ports import holders, needed  # noqa: PLC0415 - the same
    from chef_backend.reconfigure.real import real_machine  # noqa: PLC0415 - the same
    from chef_backend.resources.lock import only_one  # noqa: PLC0415 - the same

    machine, paths = real_machine(session.paths), session.paths
    me = f"chef-backend-ctl {_WORD}"
    with machine.lock(me), only_one(paths.backup_lock, me):
        head = opened_head(archive)
        situation, config = examine(machine, head, address, lambda node: holders(needed(node)))
        work = job(machine, archive, head, situation, config)
        staging = Staging(staging_dir or paths.data)
        if staging_dir is not None:
            staging.require_empty()
        node, origin = situation.node, head.manifest.origin
        for warning in situation.warnings:
            click.echo(f"warning: {warning}", err=True)
        click.echo(announced(origin, companions(machine, work.before, node)), err=True)
        require_yes(Terminal(), QUESTION, yes=yes)
        redactor = Redactor(node.secrets.every())
        with operation(session, "Restoring a backup", word=_WORD, planned=TITLES, redactor=redactor) as steps:
            cluster = ThisNode(machine, situation, steps)
            former = Restoration(work, staging, aside(node), server_copies(node), cluster).run(steps)
    click.echo(done(origin, paths.secrets, former))
