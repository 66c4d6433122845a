"""``reconfigure``."""

from __future__ import annotations

import json

import click

from chef_backend.ctl.licence import require_licence
from chef_backend.ctl.progress import operation
from chef_backend.ctl.prompts import Terminal
from chef_backend.ctl.session import Session
from chef_backend.ctl.word import Word

_WORD = "reconfigure"


@click.command(cls=Word, name=_WORD)
@click.option("--accept-license", is_flag=True, help="Accept the licence.")
@click.option("--dry-run", is_flag=True, help="Show what would be changed, and change nothing.")
@click.option("--json", "as_document", is_flag=True, help="With --dry-run: as JSON.")
@click.option("--apply-restarts", is_flag=True, help="Restart PostgreSQL too, where changed settings need it.")
@click.pass_obj
def command(session: Session, *, accept_license: bool, dry_run: bool, as_document: bool, apply_restarts: bool) -> None:
    """Make this node as /etc/chef-backend/chef-backend.rb says.

    Services are reloaded or restarted where a change needs it, but for PostgreSQL: it is reloaded, and a change that
    needs its restart waits for --apply-restarts or for `chef-backend-ctl restart postgresql`.
    """
    if as_document and not dry_run:
        raise click.UsageError("--json goes with --dry-run")
    if dry_run:
        _preview(session, as_document=as_document)
        return
    require_licence(session.paths, Terminal(), accepted=accept_license)
    _run(session, apply_restarts=apply_restarts)


def _preview(session: Session, *, as_document: bool) -> None:
    from chef_backend.reconfigure.database import certificate_due  # noqa: PLC0415 - slow to import
    from chef_backend.reconfigure.preview import preview_json, preview_text  # noqa: PLC0415 - the same
    from chef_backend.reconfigure.real import real_machine  # noqa: PLC0415 - the same
    from chef_backend.reconfigure.run import preview  # noqa: PLC0415 - the same

    machine = real_machine(session.paths)
    situation, plan = preview(machine)
    certificate = certificate_due(machine, situation.node)
    hide = situation.node.settings.flag("hide_sensitive")
    for warning in situation.warnings:
        click.echo(f"warning: {warning}", err=True)
    if as_document:
        found = preview_json(plan, situation.node, certificate, hide_sensitive=hide)
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        click.echo(preview_text(plan, situation.node, certificate, hide_sensitive=hide), nl=False)


def _run(session: Session, *, apply_restarts: bool) -> None:
    from chef_backend.reconfigure.membership import Membership  # noqa: PLC0415 - slow to import
    from chef_backend.reconfigure.real import real_machine  # noqa: PLC0415 - the same
    from chef_backend.reconfigure.report import closing_lines  # noqa: PLC0415 - the same
    from chef_backend.reconfigure.run import TITLES, reconfigure  # noqa: PLC0415 - the same

    machine = real_machine(session.paths)
    with (
        operation(session, "Reconfiguring Chef Backend.", word=_WORD, planned=TITLES) as steps,
        machine.lock(f"chef-backend-ctl {_WORD}"),
    ):
        outcome = reconfigure(machine, steps, apply_restarts=apply_restarts)
    for warning in outcome.situation.warnings:
        click.echo(f"warning: {warning}", err=True)
    for line in closing_lines(outcome):
        click.echo(line, err=line.startswith("warning: "))
    if outcome.situation.membership is not Membership.MEMBER:
        click.echo("This node is in no cluster yet, so no service was started: run create-cluster next.")
    click.echo("Chef Backend Reconfigured!")
