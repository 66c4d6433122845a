"""``omnibuild build``: components into the store."""

from __future__ import annotations

import json

import click

from omnibuild.commands.options import build_options, component_argument, failure_as_json, json_option
from omnibuild.commands.session import Session
from omnibuild.plural import counted


@click.command()
@component_argument("components", nargs=-1)
@build_options
@json_option
@failure_as_json
def command(session: Session, components: tuple[str, ...], *, as_json: bool) -> None:
    """Build COMPONENTS, or the whole line-up, and all that they need."""
    names = session.components(components) or session.project.order
    outcome = session.component_build().run(names, session.build_options)
    if as_json:
        document = {
            name: {
                "version": result.version,
                "key": result.key,
                "tree": result.tree,
                "size_bytes": result.size,
                "seconds": result.seconds,
                "peak_rss_bytes": result.peak_rss,
                "built": name in outcome.built,
                "isolation": result.isolation,
                "notes": list(result.notes),
            }
            for name, result in sorted(outcome.results.items())
        }
        click.echo(json.dumps(document, indent=2))
    else:
        click.echo(f"{counted(len(outcome.results), 'component')} ready, {len(outcome.built)} built now")
