"""The few ``{variables}`` a recipe may use, and their strict replacement.

There is no logic and no default: an unknown name is an error that lists the known ones.
``{{`` and ``}}`` stand for literal braces.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping

from omnibuild.errors import InvalidInput

NAMES = ("name", "version", "prefix", "root", "jobs")
_TOKEN = re.compile(r"\{\{|\}\}|\{([a-z_]+)\}")


def expand(text: str, values: Mapping[str, str], *, where: str) -> str:
    """Return ``text`` with each ``{name}`` replaced from ``values``.

    Raises InvalidInput, naming ``where`` (file and field), for a name that is not in
    ``values``.
    """

    def replace(match: re.Match[str]) -> str:
        token = match.group(0)
        if token in {"{{", "}}"}:
            return token[0]
        name = match.group(1)
        if name not in values:
            raise InvalidInput(f"{where}: undefined variable {{{name}}}", hint=_hint(name, values))
        return values[name]

    return _TOKEN.sub(replace, text)


def used(text: str) -> list[str]:
    """Return the names that a text asks for, each once."""
    return list(dict.fromkeys(match.group(1) for match in _TOKEN.finditer(text) if match.group(1)))


def undefined(value: object, where: str) -> Iterator[tuple[str, str]]:
    """Yield (dotted path, message) for each unknown name in the texts of a value, however nested."""
    match value:
        case str():
            unknown = [name for name in used(value) if name not in NAMES]
            yield from ((where, f"undefined variable {{{name}}}; {_hint(name, NAMES)}") for name in unknown)
        case Mapping():
            for key, item in value.items():
                yield from undefined(key, f"{where}.{key}")
                yield from undefined(item, f"{where}.{key}")
        case list() | tuple():
            for number, item in enumerate(value):
                yield from undefined(item, f"{where}.{number}")


def _hint(name: str, values: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(values), n=1)
    if close:
        return f"did you mean {{{close[0]}}}?"
    known = ", ".join(f"{{{key}}}" for key in sorted(values))
    return f"known here: {known}; write {{{{{name}}}}} for literal braces"
