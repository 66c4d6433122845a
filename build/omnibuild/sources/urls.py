"""URLs as people may see them."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+@")


def redact(text: str) -> str:
    """Return ``text`` without the user and password of the URLs in it."""
    return _CREDENTIALS.sub("", text)


def file_name_of(url: str) -> str:
    """Return the last part of a URL's path, a plain file name."""
    name = PurePosixPath(unquote(urlsplit(url).path)).name
    return plain_name(name)


def plain_name(name: str) -> str:
    """Return ``name`` if it can be a file's name in a folder, else ``source``."""
    return name if name not in {"", ".", ".."} and "/" not in name and "\0" not in name else "source"
