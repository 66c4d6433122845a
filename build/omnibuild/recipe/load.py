"""Reads recipe folders: recipe.yml with its patches and files, all checked."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from omnibuild.errors import InvalidInput
from omnibuild.kinds import registry
from omnibuild.recipe.model import Recipe
from omnibuild.recipe.shelltext import variables_in_text
from omnibuild.recipe.variables import undefined
from omnibuild.yamlfile import Finding, place, read_model

_EXPANDED = ("environment", "build", "license_files")


@dataclass(frozen=True, slots=True)
class RecipeFolder:
    """A recipe and the folder it was read from."""

    recipe: Recipe
    folder: Path

    @property
    def file(self) -> Path:
        """The recipe's file, for messages."""
        return self.folder / "recipe.yml"

    def place(self, where: str) -> str:
        """Return ``file:line: where`` of something in the recipe, for a problem found later."""
        return place(self.file, where)

    def files(self) -> tuple[Path, ...]:
        """Every file of the folder below which the recipe lives, sorted."""
        return tuple(sorted(path for path in self.folder.rglob("*") if path.is_file() and path != self.file))


def load_recipe(folder: Path) -> RecipeFolder:
    """Read ``folder/recipe.yml``; InvalidInput lists every problem with file and line."""
    file = folder / "recipe.yml"

    def find(recipe: Recipe) -> Iterable[Finding]:
        unsound = list(registry.validate(recipe.build))
        yield from unsound or _missing(registry.files_of(recipe.build), folder)
        yield from _unreadable(RecipeFolder(recipe, folder).files())
        yield from _shell_texts(recipe)
        for field in _EXPANDED:
            yield from undefined(getattr(recipe, field), field)
        yield from undefined([test.model_dump() for test in recipe.tests], "tests")
        yield from undefined([source.model_dump() for source in recipe.sources], "sources")
        for index, patch in enumerate(recipe.patches):
            if not (folder / patch).is_file():
                yield f"patches.{index}", f"there is no file {folder / patch}"
        yield from _same_names(recipe)

    return RecipeFolder(read_model(file, Recipe, also=find), folder)


def _missing(files: Iterable[str], folder: Path) -> Iterable[Finding]:
    for file in files:
        if not (folder / file).is_file():
            yield "build", f"there is no file {folder / file}"


def _unreadable(files: Iterable[Path]) -> Iterable[Finding]:
    for file in files:
        if not os.access(file, os.R_OK):
            yield "(document)", f"{file} beside it cannot be read: check its owner and mode"


def _shell_texts(recipe: Recipe) -> Iterable[Finding]:
    for number, test in enumerate(recipe.tests):
        yield from variables_in_text(test.run, f"tests.{number}.run")
    for field in ("before", "after"):
        commands = recipe.build.get(field)
        for number, argv in enumerate(commands if isinstance(commands, list) else ()):
            yield from variables_in_text(argv if isinstance(argv, list) else (), f"build.{field}.{number}")


def _same_names(recipe: Recipe) -> Iterable[Finding]:
    seen: dict[str, str] = {}
    for index, path in enumerate(recipe.license_files):
        other = seen.setdefault(path.rpartition("/")[2], path)
        if other != path:
            yield f"license_files.{index}", f"{path} and {other} would be installed under one name"


def load_recipes(directory: Path) -> Mapping[tuple[str, str], RecipeFolder]:
    """Read every recipe below ``directory``, by (name, version).

    Raises InvalidInput with the problems of all of them together.
    """
    if not directory.is_dir():
        raise InvalidInput(f"{directory}: there is no such folder of recipes", hint="give --recipes DIR")
    found: dict[tuple[str, str], RecipeFolder] = {}
    problems: list[str] = []
    hints: list[str] = []
    for file in sorted(directory.glob("*/recipe.yml")):
        try:
            loaded = load_recipe(file.parent)
        except InvalidInput as error:
            problems.append(error.message)
            hints.append(error.hint)
            continue
        identity = (loaded.recipe.name, loaded.recipe.version)
        if identity in found:
            other = found[identity].file
            problems.append(f"{place(file, 'version')}: {identity[0]} {identity[1]} is already described by {other}")
        found[identity] = loaded
    if problems:
        raise InvalidInput("\n".join(problems), hint="; ".join(dict.fromkeys(filter(None, hints))))
    return found
