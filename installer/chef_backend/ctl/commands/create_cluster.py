"""``create-cluster``."""

from __future__ import annotations

from collections.abc import Callable

import click
from click.decorators import FC

from chef_backend.base.errors import ChefBackendError
from chef_backend.ctl.ignored import ignore_option
from chef_backend.ctl.licence import require_licence
from chef_backend.ctl.progress import operation
from chef_backend.ctl.prompts import Terminal
from chef_backend.ctl.session import Session
from chef_backend.ctl.word import Word

_WORD = "create-cluster"
_WAIT_S = 30
_MOST_S = 3600


def _seconds(option: str, service: str) -> Callable[[FC], FC]:
    return click.option(
        option,
        type=click.IntRange(1, _MOST_S),
        default=_WAIT_S,
        show_default=True,
        metavar="SECONDS",
        help=f"How long to wait for {service}.",
    )


def _refuse_recovery(_context: click.Context, _option: click.Parameter, given: bool) -> None:  # noqa: FBT001 - click's call
    if given:
        raise ChefBackendError(
            "--quorum-loss-recovery is not available in this version; nothing was changed",
            hint="to begin anew from a backup: chef-backend-ctl restore",
        )


@click.command(cls=Word, name=_WORD)
@_seconds("--elasticsearch-wait-time", "Elasticsearch")
@_seconds("--etcd-wait-time", "etcd")
@click.option(
    "--quorum-loss-recovery",
    is_flag=True,
    expose_value=False,
    callback=_refuse_recovery,
    help="Not available yet.",
)
@ignore_option
@click.option("--accept-license", is_flag=True, help="Accept the licence.")
@click.option("-y", "--yes", is_flag=True, help="Ask nothing, and accept the licence.")
@click.pass_obj
def command(
    session: Session,
    *,
    elasticsearch_wait_time: int,
    etcd_wait_time: int,
    ignored: tuple[str, ...],
    accept_license: bool,
    yes: bool,
) -> None:
    """Make a new cluster, of which this node is the first member.

    Before the first change the host is looked at as `preflight` does, and what is critical ends it. A run that was
    interrupted goes on where it ended when it is called again.
    """
    asks_nothing = accept_license or yes
    require_licence(session.paths, Terminal(), accepted=asks_nothing)
    _create(session, (elasticsearch_wait_time, etcd_wait_time), ignored, asks_nothing=asks_nothing)


def _create(session: Session, waits_s: tuple[int, int], ignored: tuple[str, ...], *, asks_nothing: bool) -> None:
    from chef_backend.base.proc import SystemRunner  # noqa: PLC0415 - slow to import
    from chef_backend.cluster.create import TITLES, Creation, Options, examine  # noqa: PLC0415 - the same
    from chef_backend.cluster.ports import holders, needed  # noqa: PLC0415 - the same
    from chef_backend.ctl.fitness import require_fit  # noqa: PLC0415 - the same
    from chef_backend.health.preflight import of_host  # noqa: PLC0415 - the same
    from chef_backend.health.real import RealWorld  # noqa: PLC0415 - the same
    from chef_backend.reconfigure.real import real_machine  # noqa: PLC0415 - the same

    elasticsearch_wait_s, etcd_wait_s = waits_s
    machine = real_machine(session.paths)
    with machine.lock(f"chef-backend-ctl {_WORD}"):
        situation = examine(machine, lambda node: holders(needed(node)))
        for warning in situation.warnings:
            click.echo(f"warning: {warning}", err=True)
        found = of_host(machine, situation, RealWorld(SystemRunner()))
        require_fit(session, found, Terminal(), ignored=ignored, yes=asks_nothing)
        options = Options(etcd_wait_s, elasticsearch_wait_s)
        with operation(session, "Creating a new cluster", word=_WORD, planned=TITLES) as steps:
            Creation(machine, situation, options, steps).run()
    click.echo("This node is the leader of a new cluster.")
