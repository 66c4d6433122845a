"""``doctor``."""

from __future__ import annotations

import click

from chef_backend.ctl.session import Session
from chef_backend.ctl.word import Word


@click.command(cls=Word, name="doctor")
@click.option("--json", "as_document", is_flag=True, help="Print all findings as JSON.")
@click.pass_obj
def command(session: Session, *, as_document: bool) -> None:
    """Look at this node and its cluster, and say what is wrong, and the command that mends it. Nothing is changed.

    With -v what is fine is shown, too. Exit code 0, or 19 when a finding is critical.
    """
    from chef_backend.ctl.examination import real_examination  # noqa: PLC0415 - slow to import
    from chef_backend.ctl.findings import show_doctor  # noqa: PLC0415 - the same
    from chef_backend.health.doctor import DOCTORS_CHECKS, DOCTORS_PROBES  # noqa: PLC0415 - the same

    examined = real_examination(session.paths, DOCTORS_CHECKS, DOCTORS_PROBES)
    show_doctor(session, examined.findings, as_document=as_document)
