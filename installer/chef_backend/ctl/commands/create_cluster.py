"""``create-cluster``."""

from __future__ import annotations

from collections.abc import Callable

import click
from click.decorators import FC

from chef_backend.base.errors import ChefBackendError
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


@click.command(cls=Word, name=_WORD)
@_seconds("--elasticsearch-wait-time", "Elasticsearch")
@_seconds("--etcd-wait-time", "etcd")
@click.option("--quorum-loss-recovery", is_flag=True, help="Not available yet.")
@click.option("--accept-license", is_flag=True, help="Accept the licence.")
@click.option("-y", "--yes", is_flag=True, help="Ask nothing.")
@click.pass_obj
def command(
    session: Session,
    *,
    elasticsearch_wait_time: int,
    etcd_wait_time: int,
    quorum_loss_recovery: bool,
    accept_license: bool,
    yes: bool,
) -> None:
    """Make a new cluster, of which this node is the first member.

    A run that was interrupted goes on where it ended when it is called again.
    """
    if quorum_loss_recovery:
        raise ChefBackendError(
            "--quorum-loss-recovery is not available in this version; nothing was changed",
            hint="to begin anew from a backup: chef-backend-ctl restore",
        )
    require_licence(session.paths, Terminal(), accepted=accept_license or yes)
    _create(session, elasticsearch_wait_time, etcd_wait_time)


def _create(session: Session, elasticsearch_wait_s: int, etcd_wait_s: int) -> None:
    from chef_backend.cluster.create import TITLES, Creation, Options, examine  # noqa: PLC0415 - slow to import
    from chef_backend.cluster.ports import holders, needed  # noqa: PLC0415 - the same
    from chef_backend.reconfigure.real import real_machine  # noqa: PLC0415 - the same

    machine = real_machine(session.paths)
    with machine.lock(f"chef-backend-ctl {_WORD}"):
        situation = examine(machine, lambda node: holders(needed(node)))
        for warning in situation.warnings:
            click.echo(f"warning: {warning}", err=True)
        options = Options(etcd_wait_s, elasticsearch_wait_s)
        with operation(session, "Creating a new cluster", word=_WORD, planned=TITLES) as steps:
            Creation(machine, situation, options, steps).run()
    click.echo("This node is the leader of a new cluster.")
