"""What one component's build is asked to do, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from omnibuild.recipe.load import RecipeFolder
from omnibuild.store.tree import Entry, Tree


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A fetched source and where it goes below the source folder."""

    path: Path
    into: str
    unpack: bool
    name: str


@dataclass(frozen=True, slots=True)
class Order:
    """All that one build needs to know.

    ``dependencies`` are laid out while building, ``runtime`` while testing (trees by name).
    """

    loaded: RecipeFolder
    key: str
    inputs: Mapping[str, str]
    sources: tuple[SourceFile, ...]
    dependencies: Mapping[str, Tree]
    runtime: Mapping[str, Tree]
    overridden: bool = False

    def shipped_entries(self) -> dict[str, Entry]:
        """Return the entries of the dependencies that are shipped with the component, by path.

        What a build-only dependency has alike is not left out of the component: nobody ships it.
        """
        trees = (tree for name, tree in self.dependencies.items() if name in self.runtime)
        return {entry.path: entry for tree in trees for entry in tree.entries}
