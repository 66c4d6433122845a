"""``omnibuild build``: components into the store."""

from __future__ import annotations

import json

import click

from omnibuild.commands.session import Session, build_options
from omnibuild.errors import InvalidInput
from omnibuild.pipeline.build import BuildOptions
from omnibuild.recipe.load import did_you_mean


@click.command()
@click.argument("components", nargs=-1)
@build_options
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
def command(session: Session, components: tuple[str, ...], *, as_json: bool) -> None:
    """Build COMPONENTS, or the whole line-up, and all that they need."""
    for name in components:
        if name not in session.project.recipes:
            raise InvalidInput(
                f"{name}: no such component in {session.lineup_file}", hint=did_you_mean(name, session.project.recipes)
            )
    names = components or session.project.order
    outcome = session.component_build().run(names, BuildOptions(session.jobs, session.keep_going))
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
        click.echo(f"{len(outcome.results)} components ready, {len(outcome.built)} built now")
