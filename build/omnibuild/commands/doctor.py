"""``omnibuild doctor``: what this host lacks."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from omnibuild.commands.options import json_option, store_option
from omnibuild.doctor import Diagnosis, examine
from omnibuild.errors import HostLacks
from omnibuild.terminal.table import table


@click.command()
@store_option
@json_option
def command(store_dir: Path, *, as_json: bool) -> None:
    """Say what this host has of what omnibuild needs, and which command supplies the rest.

    Ends with exit code 10 if something is missing that every build needs.
    """
    found = list(examine(store_dir))
    if as_json:
        click.echo(json.dumps([asdict(item) for item in found], indent=2))
    else:
        header = ("what", "state", "found", "needed for", "command")
        rows = [(item.what, _state(item), item.found or "-", item.needed, item.fix) for item in found]
        click.echo(table(header, rows))
    missing = [item for item in found if item.required and not item.ok]
    if missing:
        names = ", ".join(item.what for item in missing)
        raise HostLacks(f"this host lacks: {names}", hint="; ".join(item.fix for item in missing))


def _state(item: Diagnosis) -> str:
    if item.ok:
        return "ok"
    return "MISSING" if item.required else "missing"
