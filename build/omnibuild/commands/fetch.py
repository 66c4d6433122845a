"""``omnibuild fetch``: all sources, verified."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from omnibuild.commands.options import component_argument, json_option, source_options
from omnibuild.commands.session import Session
from omnibuild.pipeline.build import raise_for
from omnibuild.pipeline.fetching import fetch_all, write_mirror
from omnibuild.pipeline.sourcing import Fetched
from omnibuild.plural import counted
from omnibuild.terminal.render import human_size
from omnibuild.terminal.table import table


@dataclass(frozen=True, slots=True)
class _Row:
    component: str
    version: str
    sha256: str
    size_bytes: int
    location: str
    file: str


@click.command()
@component_argument("components", nargs=-1)
@source_options
@click.option(
    "--to-mirror", type=click.Path(path_type=Path, file_okay=False),
    help="Also copy the sources to this folder, for --mirror-dir on a host without network.",
)  # fmt: skip
@json_option
def command(session: Session, *, components: tuple[str, ...], to_mirror: Path | None, as_json: bool) -> None:
    """Fetch and verify the sources of COMPONENTS, or of the whole line-up."""
    names = session.components(components) or session.project.order
    _ = session.store  # nobody cleans it meanwhile
    fetched, failures = fetch_all(session.sources, names, session.listener)
    if to_mirror is not None:
        placed = write_mirror(session.sources, fetched, to_mirror)
        click.echo(
            f"next: omnibuild package --mirror-dir {to_mirror} --offline ({counted(len(placed), 'source')})", err=True
        )
    rows = [row for name in names if name in fetched for row in _rows(session, name, fetched[name])]
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], indent=2))
    elif rows:
        lines = [(r.component, r.version, human_size(r.size_bytes), r.sha256[:16], r.location) for r in rows]
        click.echo(table(("component", "version", "size", "sha256", "from"), lines, right={"size"}))
    raise_for(failures, "fetched")


def _rows(session: Session, name: str, fetched: Fetched) -> Iterator[_Row]:
    version = session.usable.recipes[name].recipe.version
    for number, source in enumerate(fetched.files):
        key = str(number)
        size = source.path.stat().st_size
        yield _Row(name, version, fetched.digests[key], size, fetched.locations[key], str(source.path))
