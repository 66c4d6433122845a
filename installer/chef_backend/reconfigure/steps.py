"""How a long command tells of its progress; `ctl.progress` has what shows it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Steps(Protocol):
    """Steps one after the other, each with a title."""

    def step(self, title: str) -> AbstractContextManager[None]:
        """Show a step while the block runs."""
        ...

    def note(self, text: str) -> None:
        """Show a sign of life of the running step."""
        ...


class Silent:
    """Steps that nobody sees; `titles` are those begun."""

    def __init__(self) -> None:
        self.titles: list[str] = []

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """See Steps."""
        self.titles.append(title)
        yield

    def note(self, text: str) -> None:
        """See Steps."""
