"""``restore``."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import click

from chef_backend.ctl.ignored import ignore_option
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
@ignore_option
@click.option("--accept-license", is_flag=True, help="Accept the licence.")
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
def command(  # noqa: PLR0913 - an option each
    session: Session,
    *,
    path: Path,
    staging_dir: Path | None,
    ignored: tuple[str, ...],
    accept_license: bool,
    yes: bool,
    address: str,
) -> None:
    """Make a new cluster from the backup PATH, of which this node is the leader.

    All data on this node is replaced, and its configuration and secrets too. The host is looked at as `preflight` does,
    and the backup is unpacked, compared and tried out, before anything is touched; what was there is kept until the new
    cluster runs.
    """
    require_licence(session.paths, Terminal(), accepted=accept_license or yes)
    staging = staging_dir and Path.cwd() / staging_dir
    _restore(session, Options(Path.cwd() / path, staging, address, ignored, yes))


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for; paths are absolute."""

    archive: Path
    staging_dir: Path | None
    address: str
    ignored: tuple[str, ...]
    yes: bool


def _restore(session: Session, given: Options) -> None:
    from chef_backend.backup.newcluster import ThisNode  # noqa: PLC0415 - slow to import
    from chef_backend.backup.prepare import aside, companions, prepare  # noqa: PLC0415 - the same
    from chef_backend.backup.real import server_copies  # noqa: PLC0415 - the same
    from chef_backend.backup.restoration import TITLES, Restoration  # noqa: PLC0415 - the same
    from chef_backend.backup.words import QUESTION, announced, done  # noqa: PLC0415 - the same
    from chef_backend.base.proc import SystemRunner  # noqa: PLC0415 - the same
    from chef_backend.base.secret import Redactor  # noqa: PLC0415 - the same
    from chef_backend.cluster.ports import holders, needed  # noqa: PLC0415 - the same
    from chef_backend.ctl.fitness import require_fit  # noqa: PLC0415 - the same
    from chef_backend.health.preflight import of_host  # noqa: PLC0415 - the same
    from chef_backend.health.real import RealWorld  # noqa: PLC0415 - the same
    from chef_backend.reconfigure.real import real_machine  # noqa: PLC0415 - the same
    from chef_backend.resources.lock import only_one  # noqa: PLC0415 - the same

    machine, paths, person = real_machine(session.paths), session.paths, Terminal()
    me = f"chef-backend-ctl {_WORD}"
    with machine.lock(me), only_one(paths.backup_lock, me):
        ready = prepare(machine, given.archive, given.staging_dir, given.address, lambda node: holders(needed(node)))
        situation, work = ready.situation, ready.job
        for warning in situation.warnings:
            click.echo(f"warning: {warning}", err=True)
        found = of_host(machine, situation, RealWorld(SystemRunner()))
        require_fit(session, found, person, ignored=given.ignored, yes=given.yes)
        node, origin = situation.node, work.head.manifest.origin
        click.echo(announced(origin, companions(machine, work.before, node)), err=True)
        require_yes(person, QUESTION, yes=given.yes)
        redactor = Redactor(node.secrets.every())
        with operation(session, "Restoring a backup", word=_WORD, planned=TITLES, redactor=redactor) as steps:
            cluster = ThisNode(machine, situation, steps)
            former = Restoration(work, ready.staging, aside(node), server_copies(node), cluster).run(steps)
    click.echo(done(origin, paths.secrets, former))
