"""``omnibuild recipe``: list, show, validate and create recipes."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import yaml

from omnibuild.commands.options import component_argument, json_option, project_options
from omnibuild.commands.session import Session
from omnibuild.errors import InvalidInput
from omnibuild.files import write_atomic
from omnibuild.lineup.load import load_project
from omnibuild.lineup.model import Lineup
from omnibuild.plural import counted
from omnibuild.recipe.expanded import expanded
from omnibuild.recipe.load import Recipes, load_recipes
from omnibuild.recipe.model import NAME, Recipe
from omnibuild.recipe.skeleton import FILL, KINDS, skeleton
from omnibuild.terminal.table import table
from omnibuild.yamlfile import read_model

_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+~_-]*")


@click.group()
def command() -> None:
    """List, show, validate and create recipes."""


@command.command("list")
@project_options
@json_option
def list_recipes(session: Session, *, as_json: bool) -> None:
    """List all recipes.

    ``*`` marks those of the line-up. One that is not sound is listed with what is wrong with it.
    """
    recipes = load_recipes(session.recipes_dir)
    chosen = read_model(session.lineup_file, Lineup).components if session.lineup_file.is_file() else {}
    rows = [
        {
            "name": name,
            "version": version,
            "kind": loaded.recipe.build["kind"],
            "license": loaded.recipe.license,
            "description": loaded.recipe.description,
            "file": str(loaded.file),
            "in_lineup": chosen.get(name) == version,
            "problems": [],
        }
        for (name, version), loaded in sorted(recipes.sound.items())
    ]
    rows += [_broken(folder, error) for folder, error in recipes.broken.items()]
    rows.sort(key=lambda row: str(row["name"]))
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    shown = [(r["name"], r["version"], "*" if r["in_lineup"] else "", r["kind"], r["description"]) for r in rows]
    click.echo(table(("name", "version", "used", "kind", "description"), [tuple(map(str, row)) for row in shown]))


def _broken(folder: Path, error: InvalidInput) -> dict[str, object]:
    """Return the row of a recipe that says nothing reliable, under its folder's name."""
    problems = error.message.splitlines()
    unknown = dict.fromkeys(("version", "kind", "license"), "?")
    told = {"description": f"BROKEN: {problems[0]}", "file": str(folder / "recipe.yml"), "in_lineup": False}
    return {"name": folder.name, **unknown, **told, "problems": problems}


@command.command()
@component_argument("component", required=False)
@project_options
@click.option("--schema", is_flag=True, help="Print the JSON schema of recipe.yml instead.")
@json_option
def show(session: Session, *, component: str | None, schema: bool, as_json: bool) -> None:
    """Show COMPONENT's recipe as YAML.

    It is shown as the line-up uses it, with its variables replaced.
    """
    if schema:
        click.echo(json.dumps(Recipe.model_json_schema(), indent=2))
        return
    if component is None:
        raise click.UsageError("Missing argument 'COMPONENT'.")
    (name,) = session.components((component,))
    document = expanded(session.usable.recipes[name], session.usable.variables(name))
    if as_json:
        click.echo(json.dumps(document, indent=2))
    else:
        click.echo(yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100), nl=False)


@command.command()
@project_options
@json_option
def validate(session: Session, *, as_json: bool) -> None:
    """Check all recipes and line-ups.

    The line-ups are all those beside --lineup. Every problem is listed.
    """
    recipes = load_recipes(session.recipes_dir)
    count = len(recipes.sound) + len(recipes.broken)
    problems = list(dict.fromkeys(_problems(session, recipes)))
    lineups = _lineups(session)
    if as_json:
        click.echo(json.dumps({"recipes": count, "lineups": len(lineups), "problems": problems}, indent=2))
    if problems:
        raise InvalidInput("\n".join(problems), hint="the formats: docs/reference/recipe.md, docs/reference/lineup.md")
    if not as_json:
        click.echo(f"{counted(count, 'recipe')} and {counted(len(lineups), 'line-up')}: valid")


@command.command()
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), default="autotools", show_default=True, help="How it is built.")
@click.option("--version", default="1.0", show_default=True, help="Its version.")
@click.option("--url", default="", help="Where upstream publishes its source; not for golang.")
@project_options
def new(session: Session, *, name: str, kind: str, version: str, url: str) -> None:
    """Write the skeleton of a recipe for NAME.

    Every FILL-IN in it is yours.
    """
    if not NAME.match(name):
        raise InvalidInput(f"{name!r} is not a component name", hint="lower-case letters, digits, + . _ -")
    if not _VERSION.fullmatch(version):
        raise InvalidInput(f"{version!r} is not a version", hint="letters, digits, . + ~ _ -")
    if url and kind == "golang":
        raise InvalidInput(
            "--url: a Go program's source is a module, fetched by its path and version",
            hint="leave it out, and write the module's path into the recipe's `gomodule`",
        )
    folder = session.recipes_dir / name
    if folder.exists():
        raise InvalidInput(
            f"{folder}: exists", hint=f"a second version goes to {folder}-MAJOR; copy the first one there"
        )
    for file, text in skeleton(name, version, kind, url or f"https://example.com/{FILL}.tar.gz").items():
        write_atomic(folder / file, text.encode())
        click.echo(folder / file)
    click.echo(
        f'next: fill it in, add `{name}: "{version}"` to components in {session.lineup_file}, '
        f"then: omnibuild recipe validate && omnibuild build {name}",
        err=True,
    )


def _lineups(session: Session) -> list[Path]:
    return sorted({*session.lineup_file.parent.glob("*.yml")})


def _problems(session: Session, recipes: Recipes) -> Iterator[str]:
    """Yield each problem: the recipes' first, then what joins them to line-ups."""
    broken = [problem for error in recipes.broken.values() for problem in error.message.splitlines()]
    yield from broken
    for recipe in sorted(session.recipes_dir.glob("*/recipe.yml")):
        yield from (
            problem for place, problem in _unfilled(recipe) if not any(told.startswith(place) for told in broken)
        )
    for file in _lineups(session):
        try:
            load_project(file, session.recipes_dir)
        except InvalidInput as error:
            yield from error.message.splitlines()


def _unfilled(recipe: Path) -> Iterator[tuple[str, str]]:
    """Yield the place and the problem of each line that a skeleton left open; one that cannot be read has none."""
    with contextlib.suppress(OSError):
        for number, line in enumerate(recipe.read_text(errors="replace").splitlines(), 1):
            if FILL in line.partition("# ")[0]:
                place = f"{recipe}:{number}: "
                yield place, f"{place}{FILL} is still to be filled in: {line.strip()}"
