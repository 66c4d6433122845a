"""``gen-server-config``."""

from __future__ import annotations

import re
from pathlib import Path

import click

from chef_backend.base.errors import NotAMember
from chef_backend.base.secret import Secret
from chef_backend.ctl.session import Session
from chef_backend.ctl.word import Word

# It is written into a file of Ruby, which a frontend executes.
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.:_-]{0,251}[A-Za-z0-9])?")


def _checked(_context: click.Context, _param: click.Parameter, name: str) -> str:
    if not _NAME.fullmatch(name):
        raise click.BadParameter("a host name such as frontend-1.example.com is expected")
    return name


@click.command(cls=Word, name="gen-server-config")
@click.argument("fqdn", callback=_checked)
@click.option(
    "-f",
    "--filename",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write FILE, which only root can read, instead of standard output.",
)
@click.pass_obj
def command(session: Session, *, fqdn: str, filename: Path | None) -> None:
    """Print chef-server.rb for the frontend of the name FQDN.

    It names the nodes that are in the cluster now, so make it when all have joined. It holds the password of
    PostgreSQL's superuser.
    """
    text = _server_config(session, fqdn)
    if filename is None:
        click.echo(text.reveal(), nl=False)
        return
    from chef_backend.base.private import write_private  # noqa: PLC0415 - needed here only

    path = Path.cwd() / filename
    write_private(path, text.reveal().encode())
    click.echo(f"{path} is written. It holds a password: only root can read it.", err=True)


def _server_config(session: Session, fqdn: str) -> Secret:
    from chef_backend.cluster.members import addresses  # noqa: PLC0415 - slow to import
    from chef_backend.frontend.server_config import server_config  # noqa: PLC0415 - the same
    from chef_backend.reconfigure.membership import Membership  # noqa: PLC0415 - the same
    from chef_backend.reconfigure.real import real_machine  # noqa: PLC0415 - the same
    from chef_backend.reconfigure.situation import gather  # noqa: PLC0415 - the same

    machine = real_machine(session.paths)
    situation = gather(machine)
    if situation.membership is not Membership.MEMBER:
        raise NotAMember(
            "this node is in no cluster, so there is nothing to tell a frontend of",
            hint="run chef-backend-ctl create-cluster first",
        )
    node = situation.node
    return server_config(fqdn, node, addresses(machine.clients.etcd(node).members(), node.address))
