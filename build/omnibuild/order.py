"""What one component's build is asked to do, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from omnibuild.recipe.load import RecipeFolder
from omnibuild.store.tree import Tree


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
