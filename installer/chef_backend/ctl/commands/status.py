"""``status``."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, NoReturn

import click

from chef_backend.base.errors import NotAMember
from chef_backend.ctl.service_argument import service_argument
from chef_backend.ctl.session import Session
from chef_backend.ctl.word import Word
from chef_backend.status.table import shown
from chef_backend.supervise.choice import chosen
from chef_backend.supervise.runit import RunitSupervisor

if TYPE_CHECKING:
    from chef_backend.status.model import NodeStatus

_DISK = "disk"


@click.command(cls=Word, name="status")
@service_argument(_DISK)
@click.option("--simple", is_flag=True, help="Ask the supervisor alone, and print runit's lines.")
@click.option("--json", "as_document", is_flag=True, help="Print JSON.")
@click.pass_context
def command(context: click.Context, service: str, *, simple: bool, as_document: bool) -> None:
    """Show how this node's services do, and what the cluster says of each; or SERVICE alone, or `disk`.

    What does not answer within a few seconds is an `error:` in its place.

    It ends with 0, or with the number of this node's services that are not as they should be (`disk`: of disks with too
    little room); what else is wrong in the cluster is shown, and changes nothing of that.
    """
    if simple and as_document:
        raise click.UsageError("--simple and --json exclude each other")
    session, supervisor = context.obj, RunitSupervisor(context.obj.paths)
    names = supervisor.enabled() if service == _DISK else chosen(supervisor, service)
    if service and not names and service != _DISK:
        click.echo(f"{service} is not enabled on this node", err=True)
        return
    if not names:
        _refuse(session)
    text, bad = _simple(supervisor, names) if simple else _whole(session, supervisor, service, as_document=as_document)
    if bad or not session.quiet:
        click.echo(shown(text, to_terminal=sys.stdout.isatty()), nl=False)
    context.exit(bad)


def _refuse(session: Session) -> NoReturn:
    from chef_backend.base.proc import SystemRunner  # noqa: PLC0415 - as below
    from chef_backend.reconfigure.membership import membership, require_member  # noqa: PLC0415 - as below
    from chef_backend.resources.real import RealHost  # noqa: PLC0415 - as below

    require_member(membership(RealHost(SystemRunner()), session.paths))
    raise NotAMember("no service is enabled on this node", hint="run chef-backend-ctl reconfigure")


def _simple(supervisor: RunitSupervisor, names: tuple[str, ...]) -> tuple[str, int]:
    from chef_backend.base.clock import SystemClock  # noqa: PLC0415 - as below
    from chef_backend.status.node import services  # noqa: PLC0415 - as below
    from chef_backend.status.render import simple_lines  # noqa: PLC0415 - as below

    found = services({name: supervisor.state(name) for name in names})
    in_order = sorted(found, key=lambda service: service.name)
    return simple_lines(in_order, SystemClock().now().timestamp()), sum(not each.fine for each in found)


def _whole(session: Session, supervisor: RunitSupervisor, service: str, *, as_document: bool) -> tuple[str, int]:
    from chef_backend.base.clock import SystemClock  # noqa: PLC0415 - slow to import
    from chef_backend.base.proc import SystemRunner  # noqa: PLC0415 - the same
    from chef_backend.resources.real import RealHost  # noqa: PLC0415 - the same
    from chef_backend.status.gather import gather  # noqa: PLC0415 - the same
    from chef_backend.status.node import node_status  # noqa: PLC0415 - the same
    from chef_backend.status.real import NodeSources  # noqa: PLC0415 - the same

    sources = NodeSources(session.paths, RealHost(SystemRunner()), supervisor)
    status = node_status(gather(sources, SystemClock()))
    if service and service != _DISK:
        status = status.of(service)
    bad = status.bad_disks if service == _DISK else status.bad
    return _text(status, service, as_document=as_document), bad


def _text(status: NodeStatus, service: str, *, as_document: bool) -> str:
    from chef_backend.status.render import document, service_table, system_table, tables  # noqa: PLC0415 - the same

    if as_document:
        return json.dumps(document(status), indent=2) + "\n"
    if service == _DISK:
        return system_table(status)
    return service_table(status) if service else tables(status)
