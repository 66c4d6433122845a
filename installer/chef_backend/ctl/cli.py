"""``chef-backend-ctl``: options that every command shares, and the list of commands."""

from __future__ import annotations

import click

from chef_backend.base.version import DISTRIBUTION, installed_version


def _print_version(context: click.Context, _option: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 - click's call
    if wanted and not context.resilient_parsing:
        click.echo(f"{DISTRIBUTION} {installed_version()}")
        context.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
def command() -> None:
    """Configure and operate this node of a Chef Infra Server backend cluster."""


@command.command()
def version() -> None:
    """Show the version of the installed software."""
    click.echo(f"{DISTRIBUTION} {installed_version()}")
