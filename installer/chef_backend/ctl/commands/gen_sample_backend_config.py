"""``gen-sample-backend-config``."""

from __future__ import annotations

import click

from chef_backend.ctl.session import Session
from chef_backend.ctl.word import Word


@click.command(cls=Word, name="gen-sample-backend-config")
@click.pass_obj
def command(session: Session) -> None:
    """Print a chef-backend.rb that sets everything to its default on this node.

    The defaults follow from this machine's memory and addresses; the configuration that is there is not read.
    """
    from chef_backend.config.load import examine  # noqa: PLC0415 - slow to import
    from chef_backend.config.render import gen_sample  # noqa: PLC0415 - the same
    from chef_backend.reconfigure.real import real_machine  # noqa: PLC0415 - the same

    facts = real_machine(session.paths).sources.facts()
    click.echo(gen_sample(examine("", facts, "").settings), nl=False)
