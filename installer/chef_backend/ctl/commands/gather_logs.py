"""``gather-logs``."""

from __future__ import annotations

import os
from pathlib import Path

import click

from chef_backend.base.atomic import write_file
from chef_backend.base.clock import SystemClock
from chef_backend.base.folders import Access
from chef_backend.base.secret import Redactor
from chef_backend.ctl.progress import operation
from chef_backend.ctl.session import Session
from chef_backend.ctl.word import Word

_WORD = "gather-logs"


@click.command(cls=Word, name=_WORD)
@click.option("--dry-run", is_flag=True, help="List what would be in the bundle, with sizes, and make none.")
@click.option("--encrypt-to", metavar="FILE|KEY", default="", help="Encrypt it: a certificate (PEM), or an age key.")
@click.option(
    "--output",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=".",
    help="Where to put the bundle; by default the current folder.",
)
@click.pass_obj
def command(session: Session, *, dry_run: bool, encrypt_to: str, output: Path) -> None:
    """Put logs, states and settings of this node into one file for whoever helps you.

    No secret goes into it: files that hold them are left out, and everything else is searched for them. What could
    not be collected, and why, is in its manifest.json.
    """
    from chef_backend.bundle.real import RealSource  # noqa: PLC0415 - slow to import
    from chef_backend.bundle.report import preview  # noqa: PLC0415 - the same

    if not dry_run:
        _gather(session, encrypt_to, output.resolve())
        return
    for line in preview(RealSource(session.paths).items()):
        click.echo(line)


def _gather(session: Session, encrypt_to: str, folder: Path) -> None:
    from chef_backend.bundle.gather import TITLES, Gathering  # noqa: PLC0415 - slow to import
    from chef_backend.bundle.needles import needles  # noqa: PLC0415 - the same
    from chef_backend.bundle.real import RealSource  # noqa: PLC0415 - the same
    from chef_backend.bundle.report import closing_lines  # noqa: PLC0415 - the same
    from chef_backend.bundle.scan import Scan  # noqa: PLC0415 - the same
    from chef_backend.bundle.seal import seal_for  # noqa: PLC0415 - the same

    source, clock = RealSource(session.paths), SystemClock()
    seal = seal_for(encrypt_to, source.runner, session.paths.embedded_bin / "openssl") if encrypt_to else None
    if seal is not None and seal.is_over(clock.now().timestamp()):
        click.echo(f"warning: {encrypt_to} has expired: ask its owner for a newer certificate", err=True)
    name = source.name(clock.now())
    path = folder / f"{name}.tar.gz{seal.suffix if seal else ''}"
    access = Access(os.geteuid(), os.getegid(), 0o600)
    secrets = needles(source.host, session.paths)
    with operation(session, "Gathering logs", word=_WORD, planned=TITLES, redactor=Redactor(secrets)) as steps:
        bundle = Gathering(source.world, Scan(secrets), clock, steps).make(
            name,
            source.items(),
            facts=source.facts(seal.describe() if seal else ""),
            seal=seal,
            write=lambda content: write_file(path, content, access),
        )
    for line in closing_lines(bundle):
        click.echo(line, err=True)
    click.echo(f"The bundle is {path}")
    if seal is not None:
        click.echo(f"To open it: {seal.open_with(path.name)}")
