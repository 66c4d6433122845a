"""A machine that a bundle is collected from, in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chef_backend.bundle.item import Page, Program
from chef_backend.bundle.world import Got, Listed


@dataclass
class FakeWorld:
    """Answers by program, address or file; an exception is raised, a function called."""

    answers: Mapping[str, bytes | Exception | Callable[[], bytes]] = field(default_factory=dict)
    folders: Mapping[Path, tuple[Listed, ...]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def run(self, program: Program) -> Got:
        return self._answer(program.argv[0], code=0)

    def tail(self, file: Path, limit: int) -> Got:
        got = self._answer(str(file), code=None)
        return Got(got.content[-limit:], got.size)

    def ask(self, page: Page) -> Got:
        return self._answer(page.url, code=200)

    def files(self, folder: Path) -> tuple[Listed, ...]:
        return self.folders.get(folder, ())

    def _answer(self, what: str, code: int | None) -> Got:
        self.asked.append(what)
        answer = self.answers.get(what, FileNotFoundError(2, "No such file or directory", what))
        if isinstance(answer, Exception):
            raise answer
        content = answer if isinstance(answer, bytes) else answer()
        return Got(content, len(content), code)
