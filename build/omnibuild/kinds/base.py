"""What every build kind shares: a command, its context, and the options all kinds take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from omnibuild.recipe.model import Argv, Strict

SOURCE_DIR = "/build/src"
RECIPE_DIR = "/build/recipe"


@dataclass(frozen=True, slots=True)
class Command:
    """One argv run in the sandbox, in ``cwd`` (absolute there), with extra environment."""

    argv: tuple[str, ...]
    cwd: str = SOURCE_DIR
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Context:
    """The values a kind may put into its commands.

    ``destdir`` is empty when writes to the prefix are captured by an overlay, and the
    staging folder where they cannot be (see sandbox.py). ``expand`` replaces variables in
    a recipe's text.
    """

    name: str
    version: str
    root: str
    prefix: str
    jobs: int
    destdir: str
    expand: Callable[[str], str]

    def expand_all(self, texts: tuple[str, ...]) -> tuple[str, ...]:
        """Expand the variables of each text."""
        return tuple(self.expand(text) for text in texts)


class CommonOptions(Strict):
    """Options of every kind: the kind's name, and commands before and after its own."""

    kind: str
    before: tuple[Argv, ...] = ()
    after: tuple[Argv, ...] = ()

    def files(self) -> tuple[str, ...]:
        """Return the files of the recipe's folder without which there is no build."""
        return ()


class Kind(Protocol):
    """A module in kinds/: ``VERSION`` enters the cache key, so raise it when output changes."""

    VERSION: int
    Options: type[CommonOptions]

    @staticmethod
    def commands(options: CommonOptions, context: Context) -> tuple[Command, ...]:
        """Return the commands that build and install the component; touches nothing."""
