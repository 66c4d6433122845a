"""``chef-backend-ctl``: options that every command shares, and the commands of the table."""

from __future__ import annotations

import click

from chef_backend.ctl.group import TableGroup, UnknownCommand
from chef_backend.ctl.session import Session
from chef_backend.ctl.word import verbosity


def _print_version(context: click.Context, _option: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 - click's call
    if wanted and not context.resilient_parsing:
        from chef_backend.base.version import DISTRIBUTION, installed_version  # noqa: PLC0415 - slow to import

        click.echo(f"{DISTRIBUTION} {installed_version()}")
        context.exit()


@click.group(
    cls=TableGroup,
    invoke_without_command=True,
    params=verbosity(),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
@click.pass_context
def command(context: click.Context) -> None:
    """Configure and operate this node of a Chef Infra Server backend cluster."""
    context.ensure_object(Session)
    if context.invoked_subcommand is None:
        raise UnknownCommand([], context)
