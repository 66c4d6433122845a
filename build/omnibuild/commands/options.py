"""The options that commands share, as decorators: a command receives a Session made from them."""

from __future__ import annotations

import contextlib
import functools
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from omnibuild.commands.session import Session
from omnibuild.errors import OmnibuildError
from omnibuild.store.place import default_store


def _overrides(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> dict[str, Path]:
    result = {}
    for value in values:
        name, _, place = value.partition("=")
        kind, _, folder = place.partition(":")
        if kind != "path" or not folder:
            raise click.BadParameter(f"{value!r}: expected NAME=path:DIR")
        if not Path(folder).is_dir():
            raise click.BadParameter(f"{folder}: there is no such folder")
        result[name] = Path(folder)
    return result


def _severities(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    result = {}
    for value in values:
        name, _, tier = value.partition("=")
        if tier not in _TIERS:
            raise click.BadParameter(f"{value!r}: expected NAME=TIER, where TIER is one of {', '.join(_TIERS)}")
        result[name] = tier
    if result:
        from omnibuild.checks.registry import require_known  # noqa: PLC0415 - every check, and most runs name none

        require_known(result)
    return result


def _complete_component(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Offer the line-up's components to the shell; nothing when there is no readable line-up."""
    import yaml  # noqa: PLC0415 - while completing only

    try:
        document = yaml.safe_load(Path(ctx.params.get("lineup_file") or DEFAULT_LINEUP).read_text())
        return sorted(name for name in document["components"] if name.startswith(incomplete))
    except (OSError, yaml.YAMLError, KeyError, TypeError):
        return []


_TIERS = ("error", "warning", "off")
component_argument = functools.partial(click.argument, shell_complete=_complete_component)
DEFAULT_LINEUP = "manifests/current.yml"
_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
store_option = click.option(
    "--store", "store_dir", type=click.Path(path_type=Path), default=default_store,
    help="The store's folder ($OMNIBUILD_STORE; ~/.cache/omnibuild).",
)  # fmt: skip
severity_option = click.option(
    "--severity", multiple=True, callback=_severities, metavar="NAME=TIER",
    help="In this run, a check's tier: error, warning or off.",
)  # fmt: skip
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


def failure_as_json(function: Callable[..., Any]) -> Callable[..., Any]:
    """Have a command whose result --json prints print its failure there too; it is raised as well."""

    @functools.wraps(function)
    def wrapper(session: Session, *, as_json: bool, **given: Any) -> object:  # noqa: ANN401 - the command's own options
        try:
            return function(session, as_json=as_json, **given)
        except OmnibuildError as error:
            if as_json:
                click.echo(json.dumps({"error": error.to_json()}, indent=2))
            raise

    return wrapper


_PROJECT = (
    click.option("--lineup", "lineup_file", type=click.Path(path_type=Path), default=DEFAULT_LINEUP,
                 envvar="OMNIBUILD_LINEUP", show_default=True, help="The line-up's file ($OMNIBUILD_LINEUP)."),
    click.option("--recipes", "recipes_dir", type=click.Path(path_type=Path), default="recipes",
                 envvar="OMNIBUILD_RECIPES", show_default=True, help="The folder of recipes."),
)  # fmt: skip
_SOURCES = (
    store_option,
    click.option("--offline", is_flag=True, help="Use fetched sources only."),
    click.option("--mirror-dir", "mirror_dirs", multiple=True, type=_FOLDER,
                 help="Serve sources from this folder by their sha256."),
)  # fmt: skip
_STORED = (
    *_SOURCES,
    click.option("--rootfs", type=_FOLDER, help="Run the recipes' commands in this file tree (see `omnibuild image`)."),
    click.option("--override", "overrides", multiple=True, callback=_overrides, metavar="NAME=path:DIR",
                 help="Build a component from a local tree."),
    click.option("--locked", is_flag=True, help="Fail when the lock is stale."),
)  # fmt: skip
_JOBS = click.option("-j", "--jobs", type=click.IntRange(1), default=lambda: len(os.sched_getaffinity(0)),
                     help="Jobs at once, over all components (the number of processors).")  # fmt: skip
_AT_ONCE = click.option("--components-at-once", "at_once", type=click.IntRange(1),
                        help="Components at once (as many as jobs); 1 needs the least memory.")  # fmt: skip
_BUILD = (
    *_STORED,
    _JOBS,
    _AT_ONCE,
    click.option("--keep-going", is_flag=True, help="After a failure build what does not depend on it."),
)
_FIELDS = frozenset(Session.__dataclass_fields__)


def _with(options: tuple[Any, ...]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapper(**given: Any) -> object:  # noqa: ANN401 - click passes what the options say
            session = Session(**{name: given.pop(name) for name in _FIELDS & given.keys()})
            with contextlib.closing(session):
                return function(session, **given)

        for option in reversed(options):
            wrapper = option(wrapper)
        return wrapper

    return decorate


project_options = _with(_PROJECT)
"""--lineup and --recipes: for what only reads the project."""

source_options = _with((*_PROJECT, *_SOURCES))
"""And the store, --offline, --mirror-dir: for what fetches."""

stored_options = _with((*_PROJECT, *_STORED))
"""And --rootfs, --override, --locked: for what looks keys up."""

build_options = _with((*_PROJECT, *_BUILD))
"""And --jobs, --components-at-once, --keep-going: for what builds."""
