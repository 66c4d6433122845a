"""Questions to the operator: yes or no, a word to type, and what happens when nobody is there to answer."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Protocol

import click

from chef_backend.base.errors import ChefBackendError

_TRIES = 3


class Person(Protocol):
    """Who sits at the terminal."""

    def is_there(self) -> bool:
        """Tell whether anybody can answer."""
        ...

    def ask(self, question: str) -> str:
        """Show a question and return the line that was typed; "" at the end of input."""
        ...


class Terminal:
    """The person at standard input, asked on standard error."""

    def is_there(self) -> bool:
        """Tell whether input and messages both are a terminal."""
        return sys.stdin.isatty() and sys.stderr.isatty()

    def ask(self, question: str) -> str:
        """Ask once."""
        click.echo(f"{question} ", nl=False, err=True)
        return sys.stdin.readline().strip()


class Scripted:
    """A person whose answers are known; keeps what was asked."""

    def __init__(self, answers: Iterable[str] = (), *, there: bool = True) -> None:
        self._answers = list(answers)
        self._there = there
        self.asked: list[str] = []

    def is_there(self) -> bool:
        """Tell what the script says."""
        return self._there

    def ask(self, question: str) -> str:
        """Give the next answer, "" when none is left."""
        self.asked.append(question)
        return self._answers.pop(0) if self._answers else ""


class Declined(ChefBackendError):
    """The operator did not say yes, or nobody was there to: nothing was changed."""


def require_yes(person: Person, question: str, *, yes: bool) -> None:
    """Return when `yes` was given or the answer to `question (y/n)` is y; Declined otherwise."""
    if yes:
        return
    _require_person(person, question)
    for _ in range(_TRIES):
        answer = person.ask(f"{question} (y/n)").lower()
        if answer in {"y", "yes"}:
            return
        if answer in {"n", "no", ""}:
            break
    raise Declined("not confirmed; nothing was changed")


def require_word(person: Person, question: str, word: str, *, yes: bool) -> None:
    """Return when `yes` was given or exactly `word` was typed; Declined otherwise."""
    if yes:
        return
    _require_person(person, question)
    if person.ask(question) != word:
        raise Declined(f"`{word}` was not typed; nothing was changed")


def require_proceed(person: Person, warning: str, *, yes: bool) -> None:
    """Return when `yes` was given or `proceed` was typed after a warning; Declined otherwise."""
    require_word(person, f"{warning}\nType `proceed` to go on, anything else to stop:", "proceed", yes=yes)


def _require_person(person: Person, question: str) -> None:
    if not person.is_there():
        raise Declined(f"nobody is at a terminal to answer: {question}", hint="run it at a terminal, or add --yes")
