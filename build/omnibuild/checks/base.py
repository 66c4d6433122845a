"""What a check sees and says: the assembled prefix, read-only, in; problems out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Protocol

from omnibuild.checks.content import PLAIN, Content
from omnibuild.checks.elf import Elf
from omnibuild.checks.filetree import FileTree
from omnibuild.checks.linking import Closure, Linker
from omnibuild.checks.scanner import Task, scan
from omnibuild.lineup.model import Policy
from omnibuild.recipe.model import Recipe
from omnibuild.store.tree import Entry, EntryKind


class Severity(StrEnum):
    """The three tiers: an error stops the package, a warning is reported, off is not run."""

    ERROR = "error"
    WARNING = "warning"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. ``path`` is relative to the root ("" when it concerns no file).

    ``detail`` is what it is about, where a check can say so in one name (a library, a licence):
    an opt-out may be limited to it.
    """

    check: str
    component: str
    path: str
    message: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem that counts, after the line-up's severities and the recipes' opt-outs."""

    problem: Problem
    severity: Severity


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
class ElfFile:
    """An ELF file and the component that ships it."""

    component: str
    entry: Entry
    elf: Elf

    @property
    def path(self) -> str:
        """Its path relative to the root."""
        return self.entry.path

    def problem(self, check: str, message: str, detail: str = "") -> Problem:
        """Return a problem of this file."""
        return Problem(check, self.component, self.entry.path, message, detail)


@dataclass(frozen=True)
class Subject:
    """The assembled prefix.

    ``root`` and ``prefix`` are the installed paths, ``directory`` is where the root's files
    lie now (hard links to store objects: read them, never write). ``components`` are the
    shipped ones by name. The derived properties are worked out once and shared by all checks.
    """

    root: str
    prefix: str
    directory: Path
    architecture: str
    components: Mapping[str, Built]
    policy: Policy

    @cached_property
    def tree(self) -> FileTree:
        """The files of all components as one tree."""
        return FileTree(self.root, {name: built.entries for name, built in self.components.items()})

    @cached_property
    def contents(self) -> Mapping[str, Content]:
        """The facts of each noteworthy file by sha256; each file's bytes are read once."""
        directory = f"{self.directory}/"
        paths = {entry.sha256: entry for _, entry in self.files()}
        return scan(Task(sha256, directory + entry.path, entry.size) for sha256, entry in paths.items())

    @cached_property
    def elves(self) -> tuple[ElfFile, ...]:
        """Every ELF file, by component and path."""
        return tuple(
            ElfFile(name, entry, elf) for name, entry in self.files() if (elf := self.content(entry).elf) is not None
        )

    @cached_property
    def closures(self) -> Mapping[str, Closure]:
        """What the dynamic loader loads for each ELF file, by its path."""
        linker = Linker(self.tree, self.elf_at, frozenset(self.policy.system_libraries))
        return {file.path: linker.closure(file.path) for file in self.elves if file.elf.dynamic}

    def files(self) -> Iterator[tuple[str, Entry]]:
        """Yield every regular file with its component."""
        for name, built in self.components.items():
            for entry in built.entries:
                if entry.kind is EntryKind.FILE:
                    yield name, entry

    def content(self, entry: Entry) -> Content:
        """Return the facts of a regular file."""
        return self.contents.get(entry.sha256, PLAIN)

    def elf_at(self, path: str) -> Elf | None:
        """Return the ELF facts of a path relative to the root."""
        entry = self.tree.entries.get(path)
        return self.content(entry).elf if entry is not None and entry.kind is EntryKind.FILE else None


class Rule(Protocol):
    """Something that may be broken: its name, tier, next step in half a sentence, and reason."""

    @property
    def NAME(self) -> str: ...  # noqa: N802, D102
    @property
    def SEVERITY(self) -> Severity: ...  # noqa: N802, D102
    @property
    def HINT(self) -> str: ...  # noqa: N802, D102
    @property
    def EXPLAIN(self) -> str: ...  # noqa: N802, D102


class Check(Rule, Protocol):
    """A rule on the assembled prefix: one module in checks/ each."""

    def find(self, subject: Subject) -> Iterable[Problem]:
        """Yield every problem; never stops at the first."""
