"""What a check sees and says: the assembled prefix, read-only, in; problems out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from omnibuild.lineup.model import Policy
from omnibuild.recipe.model import Recipe
from omnibuild.store.tree import Entry


class Severity(StrEnum):
    """The three tiers: an error stops the package, a warning is reported, off is not run."""

    ERROR = "error"
    WARNING = "warning"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. ``path`` is relative to the root ("" when it concerns no file)."""

    check: str
    component: str
    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Built:
    """A shipped component as the checks see it.

    ``opened`` names the components whose files were opened while this one was built (None:
    the build could not observe it).
    """

    recipe: Recipe
    entries: tuple[Entry, ...]
    opened: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Subject:
    """The assembled prefix.

    ``root`` and ``prefix`` are the installed paths, ``directory`` is where the root's files
    lie now (hard links to store objects: read them, never write). ``components`` are the
    shipped ones by name.
    """

    root: str
    prefix: str
    directory: Path
    architecture: str
    components: Mapping[str, Built]
    policy: Policy


class Check(Protocol):
    """A module in checks/."""

    NAME: str
    SEVERITY: Severity
    HINT: str
    EXPLAIN: str

    @staticmethod
    def find(subject: Subject) -> Iterable[Problem]:
        """Yield every problem; never stops at the first."""
