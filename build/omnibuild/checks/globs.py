"""Path globs: ``*`` and ``?`` stay within a folder, ``**`` crosses folders, ``[…]`` is a set."""

from __future__ import annotations

import re
from functools import lru_cache

_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\[[!^]?\]?[^\]/]*\]|.", re.DOTALL)


def matches(glob: str, path: str) -> bool:
    """Return whether the whole of ``path`` matches; ``a/**`` matches all below ``a``."""
    return _compiled(glob).fullmatch(path) is not None


@lru_cache(maxsize=1024)
def _compiled(glob: str) -> re.Pattern[str]:
    return re.compile("".join(_translate(token) for token in _TOKEN.findall(glob)), re.DOTALL)


def _translate(token: str) -> str:
    match token:
        case "**/":
            return "(?:[^/]+/)*"
        case "**":
            return ".*"
        case "*":
            return "[^/]*"
        case "?":
            return "[^/]"
        case _ if len(token) > 1:
            inside = token[1:-1]
            negated = inside[0] in "!^"
            listed = re.sub(r"([\\\[\]^&~|])", r"\\\1", inside[1:] if negated else inside)
            return f"(?!/)[{'^' if negated else ''}{listed}]"
        case _:
            return re.escape(token)
