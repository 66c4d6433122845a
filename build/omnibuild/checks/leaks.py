"""Paths of the build sandbox that were left in a file's bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass

SANDBOX_DIRECTORIES = ("/build/src", "/build/tmp", "/build/home", "/build/recipe", "/build/wheels")
_NAMES = "|".join(directory.removeprefix("/build/") for directory in SANDBOX_DIRECTORIES).encode()
_IN_BINARY = re.compile(rb"/build/(?:" + _NAMES + rb")")
_IN_TEXT = re.compile(rb"/build/(?:" + _NAMES + rb")(?![A-Za-z0-9_.+~-])")
_RUN_BEFORE = re.compile(rb"[A-Za-z0-9_.+~/)}*@%-]*\Z")
# What may stand right before an absolute path: nothing, a compiler flag, a URL's slashes.
_OURS_AFTER = re.compile(rb"\A(?:|-[A-Za-z]{1,10}|/+)\Z")
_ESCAPE = re.compile(rb"\\[nrt]\Z")
_LOOK_BACK = 16
_AROUND = 32
_SHORTEST_FOREIGN_RUN = 3


@dataclass(frozen=True, slots=True)
class Leak:
    """The first sandbox path of a file: its offset, the text around it, and how many there are."""

    offset: int
    context: str
    count: int


def find_leak(data: bytes, *, text: bool) -> Leak | None:
    """Return the first sandbox path in ``data``, told apart from a longer path's middle part.

    In binary data (``text`` false) up to two arbitrary bytes may precede the path, since
    formats like Python's marshal put a type and a length there.
    """
    pattern = _IN_TEXT if text else _IN_BINARY
    starts = [match.start() for match in pattern.finditer(data) if _is_ours(data, match.start(), text=text)]
    if not starts:
        return None
    around = data[max(0, starts[0] - _AROUND) : starts[0] + 2 * _AROUND]
    return Leak(starts[0], _printable(around), len(starts))


def _is_ours(data: bytes, start: int, *, text: bool) -> bool:
    before = data[max(0, start - _LOOK_BACK) : start]
    match = _RUN_BEFORE.search(before)
    run = match.group() if match else b""
    if _OURS_AFTER.match(run) or _ESCAPE.search(before):
        return True
    return not text and len(run) < _SHORTEST_FOREIGN_RUN


def _printable(data: bytes) -> str:
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else "·" for byte in data)  # noqa: PLR2004 - ASCII's printable range
