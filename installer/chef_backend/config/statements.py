"""Cuts chef-backend.rb into its assignments, so that a mistake in one hides none in another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chef_backend.config.problems import Place

_PIECE = re.compile(
    r"""
      (?P<comment>\#[^\n]*)
    | (?P<block>^=begin\b.*?(?:^=end\b[^\n]*|\Z))
    | (?P<finish>^__END__[ \t\r]*$.*)
    | (?P<words>%[wWiIqQ](?:\[[^\]]{0,4096}\]|\([^)]{0,4096}\)|\{[^}]{0,4096}\}|<[^>]{0,4096}>))
    | (?P<string>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")
    | (?P<unclosed>['"])
    | (?P<open>[\[({])
    | (?P<close>[\])}])
    | (?P<continued>\\\r?\n)
    | (?P<newline>\n)
    | (?P<semicolon>;)
    | (?P<blank>[ \t\r\f]+)
    | (?P<other>[^\s#%'"\[({\])}\\;]+|.)
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
# A line that begins an assignment: brackets that are still open there were forgotten.
_BEGINS = re.compile(
    r"[a-z_][\w.]*(?:\[['\":][^\]\n]*\])*(?:\s*=(?![=>~])|[ \t]+(?:['\"\[{:%\d+-]|true\b|false\b|nil\b))"
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One assignment's text; `unclosed` says what is missing in it, and where it began."""

    text: str
    place: Place
    unclosed: tuple[str, Place] | None = None


def statements(text: str) -> Iterator[Statement]:
    """Yield the statements of a file in order, without the comments between them."""
    cutter = _Cutter(text)
    for match in _PIECE.finditer(text):
        done = cutter.take(match.lastgroup or "", match)
        if done is not None:
            yield done
        if match.lastgroup == "finish":
            return
    last = cutter.cut(len(text))
    if last is not None:
        yield last


class _Cutter:
    """Where the current statement began, and which brackets are open in it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._line = 0
        self._start: int | None = None
        self._open: list[int] = []
        self._unclosed: tuple[str, int] | None = None

    def take(self, kind: str, match: re.Match[str]) -> Statement | None:
        """Add one piece; return the statement that it ends."""
        if kind in {"semicolon", "newline", "finish"}:
            if kind == "finish" or not self._open or (kind == "newline" and self._is_over(match.end())):
                return self.cut(match.start())
        elif kind not in {"comment", "block", "blank", "continued"}:
            self._start = match.start() if self._start is None else self._start
            self._count(kind, match)
        return None

    def _count(self, kind: str, match: re.Match[str]) -> None:
        if self._unclosed is not None:
            return
        if kind == "open":
            self._open.append(match.start())
        elif kind == "close" and self._open:
            self._open.pop()
        elif kind == "unclosed":
            self._unclosed = (match[0], match.start())

    def _is_over(self, next_line: int) -> bool:
        return self._unclosed is not None or _BEGINS.match(self._text, next_line) is not None

    def cut(self, end: int) -> Statement | None:
        """End the current statement, if there is one."""
        if self._start is None:
            return None
        unclosed = self._unclosed
        if unclosed is None and self._open:
            unclosed = (self._text[self._open[0]], self._open[0])
        missing = (unclosed[0], self._place(unclosed[1])) if unclosed else None
        done = Statement(self._text[self._start : end].rstrip(), self._place(self._start), missing)
        self._start, self._open, self._unclosed = None, [], None
        return done

    def _place(self, offset: int) -> Place:
        while self._line + 1 < len(self._starts) and self._starts[self._line + 1] <= offset:
            self._line += 1
        while self._starts[self._line] > offset:
            self._line -= 1
        return Place(self._line + 1, offset - self._starts[self._line] + 1)
