"""``cluster-status``."""

from __future__ import annotations

import json
import sys

import click

from chef_backend.ctl.session import Session
from chef_backend.ctl.word import Word


@click.command(cls=Word, name="cluster-status")
@click.option("--json", "as_document", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(session: Session, *, as_document: bool) -> None:
    """Show the nodes of the cluster, each with its role and the state of its PostgreSQL and Elasticsearch.

    With -v: also whom a node follows, its timeline and lag, when it was last heard of, whether it may be elected, and
    its version.

    It ends with 0 on a member of a cluster, however the cluster does, and with 14 on any other node. A source that does
    not answer is named on standard error.
    """
    from chef_backend.base.clock import SystemClock  # noqa: PLC0415 - slow to import
    from chef_backend.base.proc import SystemRunner  # noqa: PLC0415 - the same
    from chef_backend.reconfigure.membership import membership, require_member  # noqa: PLC0415 - the same
    from chef_backend.resources.real import RealHost  # noqa: PLC0415 - the same
    from chef_backend.status.cluster import cluster_table, document  # noqa: PLC0415 - the same
    from chef_backend.status.gather import gather  # noqa: PLC0415 - the same
    from chef_backend.status.members import cluster  # noqa: PLC0415 - the same
    from chef_backend.status.real import NodeSources  # noqa: PLC0415 - the same
    from chef_backend.status.table import shown  # noqa: PLC0415 - the same
    from chef_backend.supervise.runit import RunitSupervisor  # noqa: PLC0415 - the same

    host = RealHost(SystemRunner())
    require_member(membership(host, session.paths))
    found = cluster(gather(NodeSources(session.paths, host, RunitSupervisor(session.paths)), SystemClock()))
    if as_document:
        click.echo(json.dumps(document(found), indent=2))
        return
    text = cluster_table(found, extended=session.verbose)
    click.echo(shown(text, to_terminal=sys.stdout.isatty()), nl=False)
    for name, failure in sorted(found.failures.items()):
        click.echo(f"warning: {name}: {failure.reason}", err=True)
