"""``omnibuild manifest``: what is in a package, and what changed between two."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from omnibuild.commands.options import source_options
from omnibuild.commands.session import Session
from omnibuild.manifest.changelog import Changelog, commits_between
from omnibuild.manifest.diff import diff as compare
from omnibuild.manifest.load import load_manifest
from omnibuild.manifest.model import VersionManifest
from omnibuild.pipeline.records import version_manifest

_FILE = click.Path(path_type=Path)


def _format_option(default: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    choice = click.Choice(["text", "json", "markdown"])

    def decorated(function: Callable[..., Any]) -> Callable[..., Any]:
        function = click.option("--json", "style", flag_value="json", help="The same as --format json.")(function)
        return click.option("--format", "style", type=choice, default=default, show_default=True, help="How.")(function)

    return decorated


@click.group()
def command() -> None:
    """Show and compare version manifests (version-manifest.json, of Omnibus too).

    A folder stands for the manifest in it: dist, or the root of an installed package.
    """


@command.command()
@click.argument("file", type=_FILE, required=False)
@source_options
@_format_option("text")
def show(session: Session, *, file: Path | None, style: str) -> None:
    """Show FILE, or what the line-up would ship."""
    found = load_manifest(file) if file else version_manifest(session.project, session.sources)
    forms: dict[str, Callable[[VersionManifest], str]] = {
        "text": VersionManifest.text,
        "json": lambda manifest: manifest.dump().decode(),
        "markdown": VersionManifest.markdown,
    }
    click.echo(forms[style](found), nl=False)


@command.command()
@click.argument("start", type=_FILE)
@click.argument("end", type=_FILE)
@_format_option("text")
def diff(start: Path, end: Path, style: str) -> None:
    """Show what changed from START to END."""
    difference = compare(load_manifest(start), load_manifest(end))
    forms = {"text": difference.to_text, "json": difference.to_json, "markdown": difference.to_markdown}
    click.echo(forms[style]().rstrip("\n"))


@command.command()
@click.argument("start", type=_FILE)
@click.argument("end", type=_FILE)
@click.option("--repository", type=click.Path(path_type=Path, exists=True, file_okay=False), default=".",
              help="The git repository that both were built from (here).")  # fmt: skip
@_format_option("markdown")
def changelog(start: Path, end: Path, repository: Path, style: str) -> None:
    """Write the changelog from START to END.

    Components come first, then commits. These say their part in ChangeLog-Entry trailers; where none
    has one, subjects are listed.
    """
    old, new = load_manifest(start), load_manifest(end)
    commits = commits_between(repository, old, new)
    if commits is None:
        click.echo("note: no commits listed: the manifests' revisions are not in this repository", err=True)
    found = Changelog(compare(old, new), commits or ())
    forms = {"text": found.to_text, "json": found.to_json, "markdown": found.to_markdown}
    click.echo(forms[style]().rstrip("\n"))
