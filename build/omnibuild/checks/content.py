"""All that the checks want to know of a file's bytes, found in one reading of them."""

from __future__ import annotations

from dataclasses import dataclass

from omnibuild.checks.credentials import Credential, find_credentials
from omnibuild.checks.elf import Elf, read_elf
from omnibuild.checks.leaks import Leak, find_leak

_TEXT_PROBE = 8192
_LONGEST_SHEBANG = 4096


@dataclass(frozen=True, slots=True)
class Content:
    """Facts that follow from the bytes alone, so that equal files share them.

    ``shebang`` is a script's first line after ``#!``, untrimmed. ``fault`` says why the file
    could not be read.
    """

    elf: Elf | None = None
    shebang: str | None = None
    leak: Leak | None = None
    credentials: tuple[Credential, ...] = ()
    fault: str = ""


PLAIN = Content()


def examine(data: bytes) -> Content:
    """Return the facts of a file with these bytes (``PLAIN`` for most files)."""
    text = data.find(b"\0", 0, _TEXT_PROBE) < 0
    content = Content(
        read_elf(data),
        _shebang(data),
        find_leak(data, text=text),
        find_credentials(data, text=text),
    )
    return PLAIN if content == PLAIN else content


def _shebang(data: bytes) -> str | None:
    if data[:2] != b"#!":
        return None
    return data[2:_LONGEST_SHEBANG].split(b"\n", 1)[0].decode("utf-8", "backslashreplace")
