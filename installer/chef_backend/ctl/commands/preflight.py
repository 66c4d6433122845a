"""``preflight``."""

from __future__ import annotations

import click

from chef_backend.ctl.session import Session
from chef_backend.ctl.word import Word


@click.command(cls=Word, name="preflight")
@click.option("--json", "as_document", is_flag=True, help="Print the findings as JSON.")
@click.pass_obj
def command(session: Session, *, as_document: bool) -> None:
    """Tell whether this host is fit for a node, before anything is changed on it.

    Each finding has a code, what was found, what is expected, and what to do. Exit code 0, or 19 when one is critical:
    create-cluster stops there, too.
    """
    from chef_backend.base.proc import SystemRunner  # noqa: PLC0415 - slow to import
    from chef_backend.ctl.findings import show_preflight  # noqa: PLC0415 - the same
    from chef_backend.health.preflight import preflight  # noqa: PLC0415 - the same
    from chef_backend.health.real import RealWorld  # noqa: PLC0415 - the same
    from chef_backend.reconfigure.real import real_machine  # noqa: PLC0415 - the same

    findings = preflight(real_machine(session.paths), RealWorld(SystemRunner()))
    show_preflight(session, findings, as_document=as_document)
