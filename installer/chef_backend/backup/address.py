"""A node's configuration with another address of its own. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chef_backend.config.statements import Statement, statements

_SETS: Final = re.compile(r"publish_address\b(?!\s*\.)")
_VALUE: Final = re.compile(r"""'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*\"""")


def states_address(text: str) -> bool:
    """Tell whether a configuration says which address the node has."""
    return any(True for _ in _settings(text))


def with_address(text: str, address: str) -> str:
    """Return a configuration's text in which the node has this address, and all else is as it was."""
    text = text.removeprefix("\ufeff")
    found = list(_settings(text))
    for statement in reversed(found):
        start = _offset(text, statement)
        changed = _VALUE.sub(f"'{address}'", statement.text, count=1)
        text = text[:start] + changed + text[start + len(statement.text) :]
    return text if found else f"publish_address '{address}'\n{text}"


def _settings(text: str) -> Iterator[Statement]:
    return (statement for statement in statements(text.removeprefix("\ufeff")) if _SETS.match(statement.text))


def _offset(text: str, statement: Statement) -> int:
    lines = text.split("\n")[: statement.place.line - 1]
    return sum(len(line) + 1 for line in lines) + statement.place.column - 1
