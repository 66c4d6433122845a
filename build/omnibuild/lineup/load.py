"""Reads a line-up and joins it with its recipes into one consistent project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from omnibuild import graph
from omnibuild.errors import InvalidInput
from omnibuild.lineup.model import Lineup
from omnibuild.recipe.load import RecipeFolder, load_recipes
from omnibuild.recipe.variables import undefined
from omnibuild.spelling import did_you_mean
from omnibuild.yamlfile import place, read_model


@dataclass(frozen=True, slots=True)
class Project:
    """A line-up with the recipe of each of its components.

    ``directory`` is the project's root, against which the line-up's file paths are read;
    ``order`` lists every component after all that it depends on.
    """

    lineup: Lineup
    file: Path
    directory: Path
    recipes: Mapping[str, RecipeFolder]
    order: tuple[str, ...]

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
    """Read a line-up and the recipes it names; InvalidInput lists every problem found."""
    lineup = read_model(lineup_file, Lineup, also=lambda read: undefined(read.environment, "environment"))
    recipes = load_recipes(recipes_dir)
    chosen, problems = _choose(lineup, lineup_file, recipes)
    problems += list(_missing(lineup, lineup_file, chosen))
    if problems:
        hint = "each component has a recipe of its version, and what it depends on is a component too"
        raise InvalidInput("\n".join(problems), hint=hint)
    return Project(lineup, lineup_file, lineup_file.resolve().parent.parent, chosen, _order(chosen))


def _choose(
    lineup: Lineup, file: Path, recipes: Mapping[tuple[str, str], RecipeFolder]
) -> tuple[dict[str, RecipeFolder], list[str]]:
    chosen: dict[str, RecipeFolder] = {}
    problems: list[str] = []
    for name, version in lineup.components.items():
        if (name, version) in recipes:
            chosen[name] = recipes[name, version]
            continue
        versions = sorted(v for n, v in recipes if n == name)
        hint = f"recipes exist for {', '.join(versions)}" if versions else did_you_mean(name, (n for n, _ in recipes))
        problems.append(f"{place(file, f'components.{name}')}: no recipe for {name} {version}; {hint}")
    return chosen, problems


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
    edges = {name: [needed for _, needed in r.recipe.depends.components()] for name, r in chosen.items()}

    def place_of(name: str, need: str) -> str:
        depends = chosen[name].recipe.depends
        return chosen[name].place(next(where for where, needed in depends.components() if needed == need))

    return graph.order(edges, where=place_of)
