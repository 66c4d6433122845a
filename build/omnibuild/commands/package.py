"""``omnibuild package``: the whole way from sources to deb and rpm."""

from __future__ import annotations

import json
from pathlib import Path

import click

from omnibuild.commands.options import build_options, failure_as_json, json_option, severity_option
from omnibuild.commands.session import Session
from omnibuild.packaging.contents import Format
from omnibuild.pipeline.package import Packager


@click.command()
@build_options
@click.option("--output", type=click.Path(path_type=Path), default="dist", show_default=True, help="Where packages go.")
@click.option("--format", "formats", multiple=True, type=click.Choice([str(item) for item in Format]),
              help="Only this format (both).")  # fmt: skip
@click.option("--previous", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="The last release's release.json: report and judge the difference.")  # fmt: skip
@severity_option
@json_option
@failure_as_json
def command(session: Session, *, output: Path, formats: tuple[str, ...], previous: Path | None, as_json: bool) -> None:
    """Build the line-up, check it, and leave deb, rpm, manifests and a report in --output."""
    if previous is not None:
        _require_description(previous)
    outcome = session.component_build().run(session.project.shipped(), session.build_options)
    outcome.warnings += [f"the check {name} was set to {tier} for this run" for name, tier in session.severity.items()]
    packager = Packager(session.planner, session.store, session.sources, output, session.listener)
    done = packager.run(outcome, formats=tuple(map(Format, formats)) or tuple(Format), previous=previous)
    if as_json:
        click.echo(json.dumps({"unchanged": done.unchanged, "files": [str(path) for path in done.files]}, indent=2))
        return
    for path in done.files:
        click.echo(path)
    first = next((path for path in done.files if path.suffix == ".deb"), done.files[0])
    place = first if first.is_absolute() else f"./{first}"
    click.echo(f"next: apt install {place}" if first.suffix == ".deb" else f"next: look at {output}", err=True)


def _require_description(file: Path) -> None:
    """Raise InvalidInput for another file than a release.json now, and not after the build."""
    from omnibuild.checks.release_description import ReleaseDescription  # noqa: PLC0415 - most runs compare nothing

    ReleaseDescription.load(file.read_bytes(), where=str(file))
