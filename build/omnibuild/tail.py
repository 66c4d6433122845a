"""The end of a log, without reading all of it."""

from __future__ import annotations

import os
from pathlib import Path

_BLOCK = 16384


def last_lines(path: Path, count: int) -> list[str]:
    """Return up to ``count`` last non-empty lines; none when there is no such file."""
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - _BLOCK))
            text = stream.read().decode(errors="replace")
    except OSError:
        return []
    return [line.rstrip() for line in text.splitlines() if line.strip()][-count:]
