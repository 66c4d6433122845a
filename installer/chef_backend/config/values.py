"""A setting's value in Python, and the two ways in which it is written down."""

from __future__ import annotations

import json
from collections.abc import Mapping

from chef_backend.config.problems import HIDDEN, is_secret_name

Value = bool | int | float | str | None | tuple[str, ...] | Mapping[str, str]
Plain = bool | int | float | str | None | list[str] | dict[str, str]


def plain(value: Value, *, hide: bool = True) -> Plain:
    """Return a value as JSON has it; variables whose names look like a secret's are hidden."""
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Mapping):
        return {key: HIDDEN if hide and is_secret_name(key) else text for key, text in value.items()}
    return value


def as_ruby(value: Value) -> str:
    """Return a value as the sample and messages show it: single quotes, lists inside a text, hidden secrets."""
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, tuple):
        return _quoted(json.dumps(value, ensure_ascii=False) if value else "")
    if isinstance(value, Mapping):
        shown = {key: HIDDEN if is_secret_name(key) else text for key, text in value.items()}
        pairs = ", ".join(f"{_quoted(key)} => {_quoted(text)}" for key, text in sorted(shown.items()))
        return f"{{ {pairs} }}" if pairs else "{}"
    return _quoted(value)


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
