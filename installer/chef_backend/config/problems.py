"""What is wrong with a configuration file: where, what was found, and what to write instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chef_backend.base.errors import ChefBackendError
from chef_backend.base.plural import counted
from chef_backend.config.masking import masked_line

_MOST_SHOWN = 50


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in a file; both count from 1, and line 0 is the file as a whole."""

    line: int
    column: int


NOWHERE = Place(0, 0)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to change, or (as a warning) to know."""

    file: str
    place: Place
    message: str
    hint: str = ""
    source: str = ""

    def __str__(self) -> str:
        """Return `file:line:column: message`, the line with a caret, and the hint."""
        if self.place == NOWHERE:
            lines = [f"{self.file}: {self.message}"]
        else:
            lines = [f"{self.file}:{self.place.line}:{self.place.column}: {self.message}"]
        if self.source:
            lines += [f"    {self.source}", f"    {_caret_under(self.source, self.place.column)}"]
        if self.hint:
            lines.append(f"    hint: {self.hint}")
        return "\n".join(lines)


class ConfigInvalid(ChefBackendError):
    """The configuration file holds mistakes: correct every line that is named, then run the command again."""

    exit_code = 3

    def __init__(self, file: str, problems: Sequence[Problem]) -> None:
        count = counted(len(problems), "problem")
        listed = "\n".join(str(problem) for problem in problems[:_MOST_SHOWN])
        if len(problems) > _MOST_SHOWN:
            listed += f"\n… and {len(problems) - _MOST_SHOWN} more"
        super().__init__(f"{count} in {file}; nothing was changed\n{listed}")
        self.problems = tuple(problems)


def source_line(lines: Sequence[str], place: Place) -> str:
    """Return one of a file's lines for a message, its value hidden where the line looks like a secret's."""
    return masked_line(lines[place.line - 1]) if 1 <= place.line <= len(lines) else ""


def _caret_under(source: str, column: int) -> str:
    return " " * min(column - 1, len(source)) + "^"
