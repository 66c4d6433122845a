"""Reads a line-up and joins it with its recipes into one consistent project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from omnibuild import graph
from omnibuild.errors import InvalidInput
from omnibuild.lineup.model import Lineup
from omnibuild.recipe.load import RecipeFolder, Recipes, joined, load_recipes
from omnibuild.recipe.variables import undefined
from omnibuild.spelling import did_you_mean
from omnibuild.yamlfile import place, read_model


@dataclass(frozen=True, slots=True)
class Project:
    """A line-up with the recipe of each of its components.

    ``directory`` is the project's root, against which the line-up's file paths are read;
    ``order`` lists every component after all that it depends on. ``broken`` are components that are
    in neither, since their recipe, or one that they need, is not sound; and what is wrong with it.
    """

    lineup: Lineup
    file: Path
    directory: Path
    recipes: Mapping[str, RecipeFolder]
    order: tuple[str, ...]
    broken: Mapping[str, InvalidInput] = field(default_factory=dict)

    def whole(self) -> Project:
        """Return the project; raise InvalidInput if a component of it is broken."""
        if self.broken:
            raise joined(self.broken.values())
        return self

    def with_severity(self, severity: Mapping[str, str]) -> Project:
        """Return the project with other tiers of some checks."""
        policy = self.lineup.policy
        stated = policy.model_copy(update={"severity": policy.severity | dict(severity)})
        return replace(self, lineup=self.lineup.model_copy(update={"policy": stated}))

    def shipped(self) -> tuple[str, ...]:
        """The components that are packaged: the closure of link and runtime dependencies."""
        edges = {name: (*r.recipe.depends.link, *r.recipe.depends.runtime) for name, r in self.recipes.items()}
        wanted = graph.closure(edges, self.lineup.shipped)
        return tuple(name for name in self.order if name in wanted)

    def variables(self, name: str, *, jobs: int = 1) -> dict[str, str]:
        """The values of the recipe variables for one component."""
        recipe = self.recipes[name].recipe
        return {
            "name": recipe.name,
            "version": recipe.version,
            "prefix": self.lineup.prefix,
            "root": self.lineup.root,
            "jobs": str(jobs),
        }


def load_project(lineup_file: Path, recipes_dir: Path) -> Project:
    """Read a line-up and the recipes it names; InvalidInput lists every problem of the line-up itself."""
    lineup = read_model(lineup_file, Lineup, also=lambda read: undefined(read.environment, "environment"))
    recipes = load_recipes(recipes_dir)
    chosen, broken, problems = _choose(lineup, lineup_file, recipes)
    problems += list(_missing(lineup, lineup_file, chosen))
    if problems:
        hint = "each component has a recipe of its version, and what it depends on is a component too"
        raise joined([InvalidInput("\n".join(problems), hint=hint), *recipes.broken.values()])
    broken |= _spoilt(chosen, broken)
    usable = {name: loaded for name, loaded in chosen.items() if name not in broken}
    return Project(lineup, lineup_file, lineup_file.resolve().parent.parent, usable, _order(usable), broken)


def _choose(
    lineup: Lineup, file: Path, recipes: Recipes
) -> tuple[dict[str, RecipeFolder], dict[str, InvalidInput], list[str]]:
    chosen: dict[str, RecipeFolder] = {}
    broken: dict[str, InvalidInput] = {}
    problems: list[str] = []
    for name, version in lineup.components.items():
        if (name, version) in recipes.sound:
            chosen[name] = recipes.sound[name, version]
        elif told := _may_be(name, recipes.broken):
            broken[name] = joined(told)
        else:
            versions = sorted(v for n, v in recipes.sound if n == name)
            known = (n for n, _ in recipes.sound)
            hint = f"recipes exist for {', '.join(versions)}" if versions else did_you_mean(name, known)
            problems.append(f"{place(file, f'components.{name}')}: no recipe for {name} {version}; {hint}")
    return chosen, broken, problems


def _may_be(name: str, broken: Mapping[Path, InvalidInput]) -> list[InvalidInput]:
    """Return what is wrong with a component's recipes, known by their folder: who knows what they would be called."""
    return [error for folder, error in broken.items() if folder.name == name or folder.name.startswith(f"{name}-")]


def _spoilt(chosen: Mapping[str, RecipeFolder], broken: Mapping[str, InvalidInput]) -> dict[str, InvalidInput]:
    """Return the components that need a broken one, with what is wrong with that."""
    edges = dict.fromkeys(broken, ()) | _edges(chosen)
    needs = {name: [each for each in broken if each in graph.closure(edges, [name])] for name in chosen}
    return {name: joined(broken[each] for each in found) for name, found in needs.items() if found}


def _missing(lineup: Lineup, file: Path, chosen: Mapping[str, RecipeFolder]) -> Iterable[str]:
    for number, name in enumerate(lineup.shipped):
        if name not in lineup.components:
            hint = did_you_mean(name, lineup.components)
            yield f"{place(file, f'shipped.{number}')}: {name} is not among the components; {hint}"
    for loaded in chosen.values():
        for where, needed in loaded.recipe.depends.components():
            if needed not in lineup.components:
                hint = did_you_mean(needed, lineup.components)
                yield f"{loaded.place(where)}: {needed} is not in {file}; {hint}"


def _order(chosen: Mapping[str, RecipeFolder]) -> tuple[str, ...]:
    def place_of(name: str, need: str) -> str:
        depends = chosen[name].recipe.depends
        return chosen[name].place(next(where for where, needed in depends.components() if needed == need))

    return graph.order(_edges(chosen), where=place_of)


def _edges(chosen: Mapping[str, RecipeFolder]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(need for _, need in r.recipe.depends.components()) for name, r in chosen.items()}
