"""URLs as people may see them."""

from __future__ import annotations

import re
from urllib.parse import unquote

_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+@")


def redact(text: str) -> str:
    """Return ``text`` without the user and password of the URLs in it."""
    return _CREDENTIALS.sub("", text)


def file_name_of(url: str) -> str:
    """Return the last part of a URL's path, a plain file name."""
    return plain_name(unquote(re.split(r"[?#]", url)[0].rsplit("/", 1)[-1]))


def plain_name(name: str) -> str:
    """Return ``name`` if it can be a file's name in a folder, else ``source``."""
    return name if name not in {"", ".", ".."} and "/" not in name and "\0" not in name else "source"
