"""Reads recipe folders: recipe.yml with its patches and files, all checked."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
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


@dataclass(frozen=True, slots=True)
class Recipes:
    """A folder's recipes: the sound ones by (name, version), and what is wrong with the others, by their folder."""

    sound: Mapping[tuple[str, str], RecipeFolder]
    broken: Mapping[Path, InvalidInput]


def load_recipes(directory: Path) -> Recipes:
    """Read every recipe below ``directory``; those that are not sound keep nobody from using the others."""
    sound: dict[tuple[str, str], RecipeFolder] = {}
    broken: dict[Path, InvalidInput] = {}
    for folder in _folders(directory):
        try:
            loaded = load_recipe(folder)
        except InvalidInput as error:
            broken[folder] = error
            continue
        name, version = loaded.recipe.name, loaded.recipe.version
        other = sound.setdefault((name, version), loaded)
        if other is not loaded:
            told = f"{loaded.place('version')}: {name} {version} is already described by {other.file}"
            broken[folder] = InvalidInput(told)
    return Recipes(sound, broken)


def _folders(directory: Path) -> Iterator[Path]:
    """Yield the folders that hold a recipe, or may hold one but cannot be entered, sorted."""
    if not directory.is_dir():
        raise InvalidInput(f"{directory}: there is no such folder of recipes", hint="give --recipes DIR")
    if not os.access(directory, os.R_OK | os.X_OK):
        raise InvalidInput(f"{directory}: cannot be read", hint="check its owner and mode")
    for folder in sorted(directory.iterdir()):
        if folder.is_dir() and (os.path.lexists(folder / "recipe.yml") or not os.access(folder, os.X_OK)):
            yield folder


def joined(errors: Iterable[InvalidInput]) -> InvalidInput:
    """Return several errors as one, each problem and each hint once."""
    told = list(errors)
    problems = dict.fromkeys(error.message for error in told)
    hints = dict.fromkeys(error.hint for error in told if error.hint)
    return InvalidInput("\n".join(problems), hint="; ".join(hints))
