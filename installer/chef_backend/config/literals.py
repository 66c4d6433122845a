"""The values that chef-backend.rb can hold, each with its place in the file."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chef_backend.config.masking import masked
from chef_backend.config.problems import Place


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text, a number, true, false or nil."""

    value: str | int | float | bool | None
    place: Place


@dataclass(frozen=True, slots=True)
class Array:
    """A list, in its order."""

    items: tuple[Literal, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Pair:
    """One key of a hash with its value; the place is the key's."""

    key: str
    value: Literal
    place: Place


@dataclass(frozen=True, slots=True)
class Hash:
    """A hash, in its order; a key may occur twice."""

    pairs: tuple[Pair, ...]
    place: Place


Literal = Scalar | Array | Hash

_ESCAPE = re.compile(r"\\(u\{([0-9a-fA-F \t]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{1,2})|([0-7]{1,3})|(.))", re.DOTALL)
_NAMED = {"n": "\n", "t": "\t", "r": "\r", "s": " ", "0": "\0", "e": "\x1b", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_INTERPOLATION = re.compile(r"(?<!\\)(?:\\\\)*(#[{$@])")


class NotALiteral(Exception):
    """A string whose value would have to be computed, or does not exist; `offset` counts from its first quote."""

    def __init__(self, message: str, hint: str, offset: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.offset = offset


def single_quoted(written: str) -> str:
    r"""Return the text of a Ruby string in single quotes, where only `\\` and `\'` are escapes."""
    return re.sub(r"\\([\\'])", r"\1", written[1:-1])


def double_quoted(written: str) -> str:
    """Return the text of a Ruby string in double quotes; NotALiteral for an interpolation."""
    found = _INTERPOLATION.search(written)
    if found:
        raise NotALiteral(
            f"{found[1]}…: a text cannot be put together here; this file is read, never executed",
            r"write the finished text; a plain # before { is written \#{ in double quotes",
            found.start(1),
        )
    return _ESCAPE.sub(_unescaped, written[1:-1])


def words(written: str) -> tuple[str, ...]:
    r"""Return the texts of `%w[a b\ c]`."""
    return tuple(re.sub(r"\\(.)", r"\1", word) for word in re.findall(r"(?:\\.|[^\s\\])+", written[3:-1]))


def integer(written: str) -> int:
    """Return a whole number as Ruby reads it; NotALiteral for 0755, which is 493 there."""
    digits = written.replace("_", "").lstrip("+-")
    if len(digits) > 1 and digits.startswith("0") and digits.isdigit():
        message = f"{written} begins with 0: Ruby reads such a number in base 8"
        raise NotALiteral(message, f"write {digits.lstrip('0') or '0'}, or 0o{digits.lstrip('0')} if base 8 is meant")
    return int(written.replace("_", ""), 0)


def described(literal: Literal) -> str:
    """Return a value in words, for messages."""
    match literal:
        case Array():
            return "a list"
        case Hash():
            return "a hash"
        case Scalar(value=None):
            return "nil"
        case Scalar(value=bool() as value):
            return str(value).lower()
        case Scalar(value=str() as value):
            return f"the text {masked(value)!r}"
        case Scalar(value=value):
            return f"the number {value}"


def _unescaped(match: re.Match[str]) -> str:
    _, several, unicode, byte, octal, other = match.groups()
    if several:
        return "".join(_character(each) for each in several.split())
    if unicode or byte:
        return _character(unicode or byte)
    if octal:
        return chr(int(octal, 8) & 0xFF)
    return _NAMED.get(other, other)


def _character(digits: str) -> str:
    code = int(digits, 16)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:  # noqa: PLR2004 - Unicode's own limits
        raise NotALiteral(f"\\u{{{digits}}} is no character", "Unicode ends at 10FFFF, without D800 to DFFF")
    return chr(code)
