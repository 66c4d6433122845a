"""``show-config``."""

from __future__ import annotations

import click

from chef_backend.ctl.session import Session
from chef_backend.ctl.word import Word


@click.command(cls=Word, name="show-config")
@click.option("--show-secrets", is_flag=True, help="Print passwords, too.")
@click.pass_obj
def command(session: Session, *, show_secrets: bool) -> None:
    """Print what reconfigure would use, as JSON: the settings of chef-backend.rb, all defaults, and the secrets.

    Passwords are hidden, and so is what looks like one in a setting.
    """
    from chef_backend.config.render import show_config  # noqa: PLC0415 - slow to import
    from chef_backend.reconfigure.real import real_machine  # noqa: PLC0415 - the same
    from chef_backend.secrets.shown import values  # noqa: PLC0415 - the same

    sources = real_machine(session.paths).sources
    settings = sources.settings(sources.facts())
    # Nothing is written here: a file that is too open is for reconfigure to refuse.
    loaded = sources.secrets(configured=False, is_ours=lambda _content: True)
    for problem in settings.warnings:
        click.echo(f"warning: {problem}", err=True)
    if loaded.warning:
        click.echo(f"warning: {loaded.warning}", err=True)
    if loaded.made:
        click.echo(f"warning: yet to be made: {', '.join(loaded.made)}", err=True)
    click.echo(show_config(settings, values(loaded), show_secrets=show_secrets), nl=False)
