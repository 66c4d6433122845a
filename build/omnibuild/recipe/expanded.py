"""A recipe as data, with its variables replaced: what a person wants to see, and what is shipped."""

from __future__ import annotations

from collections.abc import Mapping

from omnibuild.recipe.load import RecipeFolder
from omnibuild.recipe.variables import expand


def expanded(loaded: RecipeFolder, variables: Mapping[str, str]) -> dict[str, object]:
    """Return a recipe's stated fields; ``{jobs}`` stays as it is: it is the host's."""
    values = {**variables, "jobs": "{jobs}"}

    def fill(value: object) -> object:
        if isinstance(value, str):
            return expand(value, values, where=str(loaded.file))
        if isinstance(value, dict):
            return {key: fill(item) for key, item in value.items()}
        return [fill(item) for item in value] if isinstance(value, list) else value

    stated = loaded.recipe.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return {key: fill(value) for key, value in stated.items()}
