"""The option of commands that look at the host before they change it."""

from __future__ import annotations

import click

from chef_backend.health.codes import HOST

ignore_option = click.option(
    "--ignore",
    "ignored",
    multiple=True,
    type=click.Choice([code.code for code in HOST]),
    metavar="CODE",
    help="Go on although preflight finds this critical; may be given several times.",
)
