"""Says what a statement that is no assignment was probably meant to be, and what to write instead."""

from __future__ import annotations

import re

_VALUES = "a value is 'text', a number, true, false, nil, ['a', 'list'] or { 'a' => 'hash' }"
_READ_ONLY = "this file is read, never executed"
# Words that Ruby would run: as the first word of a statement they look like `key value`.
_CODE = re.compile(
    r"(?:if|unless|else|elsif|end|case|when|while|until|for|do|begin|rescue|ensure|def|class|module|return|require"
    r"|require_relative|load|include|extend|eval|instance_eval|system|exec|spawn|puts|print|p|raise|warn|lambda|proc"
    r"|alias|undef|yield|loop|import|from_file|not)(?![\w.=]|\s*=(?!=))"
)
_BARE_PATH = re.compile(r"/[\w.@-]+(?:/[\w.@-]*)*(?=\s|;|\Z)")
_BARE_NUMBER = re.compile(r"[+-]?\d[\w.:/+-]*")
_WHOLE_NUMBER = re.compile(r"[+-]?\d[\d_]*(?:\.\d+)?")
_KINDS = (
    (re.compile(r"`"), "a command in backquotes would have to be executed"),
    (re.compile(r"<<[-~]?['\"A-Z]"), "a here-document is not understood"),
    (re.compile(r"%[qQiIrsWx]?[\[({</|!]"), "of Ruby's % forms only %w[a b] is understood"),
    (re.compile(r"/"), "a regular expression or a division would have to be executed"),
    (re.compile(r"(?:if|unless|and|or|while|until|rescue)\b|&&|\|\||\?"), "a condition would have to be executed"),
    (re.compile(r"(?:\*|\+|<<|-(?!\d)|\|)"), "a calculation would have to be executed"),
    (re.compile(r"(?:->|lambda\b|proc\b|do\b|\{ *\|)"), "a block of code would have to be executed"),
    (re.compile(r"::"), "a constant would have to be looked up"),
)


def code_word(text: str) -> str | None:
    """Return the word of Ruby that a statement begins with, if it is one that runs something."""
    found = _CODE.match(text)
    return found[0] if found else None


def code_message(word: str) -> tuple[str, str]:
    """Return message and hint for a statement that begins with such a word."""
    return f"{word} would have to be executed; {_READ_ONLY}", "write settings only: name 'value' or name = 'value'"


def unclosed_message(opening: str) -> tuple[str, str]:
    """Return message and hint for a quote or bracket that never ends."""
    if opening in "'\"":
        return f"the text that begins with {opening} does not end on its line", f"put {opening} behind its last letter"
    closing = {"[": "]", "{": "}", "(": ")"}[opening]
    return f"{opening} is never closed", f"put {closing} behind its last value"


def explain(text: str, offset: int) -> tuple[str, str]:
    """Return message and hint for a statement that the grammar left at `offset`."""
    rest = text[offset:].lstrip()
    before = text[:offset].rstrip()
    if not rest:
        return _cut_short(before)
    if not before:
        return f"{_first(rest)} does not begin a setting", "write name 'value' or name = 'value', names in lower case"
    return _bare(before, rest) or _code(rest) or _other(before, rest)


def _bare(before: str, rest: str) -> tuple[str, str] | None:
    """Return what to say of a path or an address without quotes, if it is one."""
    found = _BARE_PATH.match(rest) or _BARE_NUMBER.match(rest)
    if found is None:
        return None
    if _WHOLE_NUMBER.fullmatch(found[0]) and re.search(r"[\w'\"\])}]$", before):
        return f"{found[0]} is not expected here", "values of a list are separated by commas"
    return f"{found[0]} is neither a number nor a text", f"put a text in quotes: '{found[0]}'"


def _code(rest: str) -> tuple[str, str] | None:
    """Return what to say of Ruby that would have to be executed, if it is some."""
    for pattern, message in _KINDS:
        if pattern.match(rest):
            return f"{message}; {_READ_ONLY}", f"write the finished value: {_VALUES}"
    return None


def _other(before: str, rest: str) -> tuple[str, str]:
    call = re.match(r"[A-Za-z_][\w-]*(?:(?:::|\.|&\.)[\w-]+)*[?!]?", rest)
    if call:
        return _word(before, call[0], rest[call.end() :])
    if rest.startswith("."):
        return f"a method call would have to be executed; {_READ_ONLY}", f"write the finished value: {_VALUES}"
    return f"{_first(rest)} is not expected here", f"a setting is name 'value' or name = 'value'; {_VALUES}"


def _cut_short(before: str) -> tuple[str, str]:
    if before.endswith(("=", "(", ",", "=>", ":")):
        return "the value is missing", _VALUES
    return f"{before.rsplit(maxsplit=1)[-1] if before else 'this'} has no value", "write name 'value' or name = 'value'"


def _word(before: str, word: str, after: str) -> tuple[str, str]:
    if word in {"True", "False", "None", "null", "yes", "no", "on", "off"}:
        return f"{word} is not a value here", "write true, false or nil; on and off are texts: 'on'"
    if after[:1] in {"(", "["} or word[0].isupper() or word.startswith("node."):
        return f"{word} would have to be executed; {_READ_ONLY}", f"write the finished value: {_VALUES}"
    if before.endswith(("=", "[", "(", "{", ",", ">", ":")) or re.fullmatch(r"[\w.]+", before):
        return f"{word} is neither a number nor a text", f"put a text in quotes: '{word}'; or it is a setting's name"
    return f"{word} is not expected here", "one setting a line; a comment begins with #"


def _first(rest: str) -> str:
    found = re.match(r"\S{1,30}", rest)
    return found[0] if found else "the end"
