"""Hides what looks like a secret in configuration that an operator wrote: nobody has registered it as one."""

from __future__ import annotations

import re

from chef_backend.base.secret import MASK

_WORD = r"(?:passw|pwd|secret|token|credential|api_?key|access_?key|private_?key|authorization)"
_NAME = re.compile(_WORD, re.IGNORECASE)
_ASSIGNED = re.compile(rf"({_WORD}\w*['\"]?\s*(?:=>|[=:\s])\s*)(?:\"[^\"]*\"?|'[^']*'?|\S+)", re.IGNORECASE)
_USER_INFO = re.compile(r"(://[^/\s:@]*:)[^@\s]+@")
# curl's: -u name:password
_USER_OPTION = re.compile(r"(?<!\S)((?:-u|--user|--proxy-user)(?:=|\s)?\s*['\"]?[^\s:'\"/]+:)[^\s'\"]+")
_LONGEST_LINE = 160


def is_secret_name(name: str) -> bool:
    """Return whether a value under this name is likely a secret, and so must not be shown."""
    return _NAME.search(name) is not None


def masked(text: str) -> str:
    """Return a text without the values that stand behind such a name in it, and without passwords of users."""
    return _without_users(_ASSIGNED.sub(rf"\1{MASK}", text))


def masked_line(line: str) -> str:
    """Return a file's line for a message: nothing behind a secret's name, blanks for tabs, and not too long."""
    line = _without_users(line.rstrip().expandtabs(1))
    found = _NAME.search(line)
    if found is not None:
        name = re.compile(r"[\w.\]'\"]*").match(line, found.end())
        line = f"{line[: name.end() if name else found.end()]} {MASK}"
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…"


def _without_users(text: str) -> str:
    """Return a text without passwords that stand behind a user's name: in URLs, and in an option of curl."""
    return _USER_OPTION.sub(rf"\1{MASK}", _USER_INFO.sub(rf"\1{MASK}@", text))
