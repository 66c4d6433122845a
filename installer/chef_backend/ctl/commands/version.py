"""``version``."""

from __future__ import annotations

import click

from chef_backend.base.version import DISTRIBUTION, installed_version
from chef_backend.ctl.word import Word


@click.command(cls=Word, name="version")
def command() -> None:
    """Show the version of the installed software."""
    click.echo(f"{DISTRIBUTION} {installed_version()}")
