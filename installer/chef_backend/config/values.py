"""A setting's value in Python, and the two ways in which it is written down."""

from __future__ import annotations

import json
from collections.abc import Mapping

from chef_backend.base.secret import MASK
from chef_backend.config.masking import is_secret_name, masked

Value = bool | int | float | str | None | tuple[str, ...] | Mapping[str, str]
Plain = bool | int | float | str | None | list[str] | dict[str, str]


def plain(value: Value, *, hide: bool = True) -> Plain:
    """Return a value as JSON has it; what looks like a secret is hidden."""
    value = _hidden(value) if hide else value
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value


def as_ruby(value: Value) -> str:
    """Return a value as the sample and messages show it: single quotes, lists inside a text, hidden secrets."""
    value = _hidden(value)
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, tuple):
        return _quoted(json.dumps(value, ensure_ascii=False) if value else "")
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{_quoted(key)} => {_quoted(text)}" for key, text in sorted(value.items()))
        return f"{{ {pairs} }}" if pairs else "{}"
    return _quoted(value)


def _hidden(value: Value) -> Value:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, tuple):
        return tuple(masked(text) for text in value)
    if isinstance(value, Mapping):
        return {key: MASK if is_secret_name(key) else masked(text) for key, text in value.items()}
    return value


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
