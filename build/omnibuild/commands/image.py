"""``omnibuild image``: the build image and its base."""

from __future__ import annotations

from pathlib import Path

import click

from omnibuild import image
from omnibuild.commands.session import default_store
from omnibuild.sources.apt import host_mirror
from omnibuild.sources.base import FetchOptions


def _log(line: str) -> None:
    click.echo(line, err=True)


@click.group()
def command() -> None:
    """Make the image whose files the recipes' commands run in."""


@command.command("build")
@click.argument("dockerfile", type=click.Path(path_type=Path), default="Dockerfile.build")
@click.option("--base-image", default="", help="The base, instead of the Dockerfile's default.")
@click.option(
    "--store", "store_dir", type=click.Path(path_type=Path), default=default_store, help="The store's folder."
)
def build(dockerfile: Path, base_image: str, store_dir: Path) -> None:
    """Build DOCKERFILE and unpack its files into the store; prints where they are."""
    click.echo(image.make(image.ImageSpec(dockerfile, base_image), store_dir, _log))


@command.command("bootstrap")
@click.argument("suite")
@click.option("--tag", help="The base image's name (omnibuild-base:SUITE).")
def bootstrap(suite: str, tag: str | None) -> None:
    """Make a Debian base image of SUITE with debootstrap, where no registry is reachable."""
    name = tag or f"omnibuild-base:{suite}"
    if image.has_image(name):
        click.echo(f"{name} exists", err=True)
    else:
        image.bootstrap(suite, name, host_mirror(suite, FetchOptions()).uri, _log)
    click.echo(name)
