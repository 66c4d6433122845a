"""``omnibuild image``: the build image and its base."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from omnibuild.errors import HostLacks
from omnibuild.image import tree as image
from omnibuild.store.place import default_store

# docker is imported where it is used: most runs find the image's files in the store.


def _log(line: str) -> None:
    click.echo(line, err=True)


def _image_options(function: Callable[..., Any]) -> Callable[..., Any]:
    options = (
        click.argument("dockerfile", type=click.Path(path_type=Path), default="Dockerfile.build"),
        click.option("--base-image", default="", help="The base, instead of the Dockerfile's default."),
        click.option("--bootstrap-suite", default="", metavar="SUITE",
                     help="Where the base cannot be pulled, make it of this Debian suite with debootstrap."),
        click.option("--store", "store_dir", type=click.Path(path_type=Path), default=default_store,
                     help="The store's folder ($OMNIBUILD_STORE; ~/.cache/omnibuild)."),
    )  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


@click.group()
def command() -> None:
    """Make the image whose files the recipes' commands run in."""


@command.command("build")
@_image_options
def build(dockerfile: Path, base_image: str, bootstrap_suite: str, store_dir: Path) -> None:
    """Make DOCKERFILE's image, and print its place.

    The Docker engine builds it, and its files go into the store, for --rootfs of the other commands.
    """
    specs = image.candidates(dockerfile, base_image, bootstrap_suite)
    try:
        tree = image.find(specs, store_dir)
    except HostLacks:
        tree = _make(specs, bootstrap_suite, store_dir)
    click.echo(tree)


@command.command("path")
@_image_options
def path(dockerfile: Path, base_image: str, bootstrap_suite: str, store_dir: Path) -> None:
    """Print where the image's files are.

    Give the options that it was made with. Ends with exit code 10 if it is not in the store.
    """
    click.echo(image.find(image.candidates(dockerfile, base_image, bootstrap_suite), store_dir))


@command.command("bootstrap")
@click.argument("suite")
@click.option("--tag", default="", help="The base image's name (omnibuild-base:SUITE).")
def bootstrap(suite: str, tag: str) -> None:
    """Make a base image of a Debian SUITE.

    It is for hosts that reach no image registry: debootstrap makes it, as root or through sudo, from the
    mirror that apt on this host uses. One of this name that is there stays: `docker rmi` it for a newer one.
    """
    from omnibuild.image.bootstrap import bootstrap as make_base  # noqa: PLC0415
    from omnibuild.image.engine import has_image  # noqa: PLC0415

    name = tag or image.bootstrapped(suite)
    if has_image(name):
        click.echo(f"{name} exists", err=True)
    else:
        make_base(suite, _log, tag=name)
    click.echo(name)


def _make(specs: tuple[image.ImageSpec, ...], suite: str, store: Path) -> Path:
    from omnibuild.image import engine as docker_image  # noqa: PLC0415

    wanted = specs[0]
    if suite and not docker_image.obtain(wanted.base, _log):
        wanted = specs[-1]
        if not docker_image.has_image(wanted.base):
            from omnibuild.image.bootstrap import bootstrap as make_base  # noqa: PLC0415

            make_base(suite, _log)
    return docker_image.make(wanted, store, _log)
