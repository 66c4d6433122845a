"""The gate that everything passes on its way into a bundle: secrets are masked, what still holds one stays out. Pure.

A secret is looked for in every form that programs write (quoted, escaped, in base64, hexadecimal), also broken up by
blanks, line breaks and quotes; of a long one, each piece of 31 characters is found, so that neither a log's own line
breaks nor a cut end hide it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from chef_backend.base.secret import MASK, WORD_MAX, Secret, forms

_MASK: Final = MASK.encode()
# Of shorter forms the letters stand beside each other by chance, once blanks are left out.
_SPLIT_MIN: Final = 8
_PIECE: Final = 16
_PIECES_OF: Final = 48
_ENCODED_MAX: Final = 256
# What a piece is part of; ordinary words are shorter, which leaves little to search.
_LONG_WORD: Final = re.compile(rb"[^\s\\\"']{16,}")
_BETWEEN: Final = b" \t\r\n\v\f\\\"'"
_GAP: Final = rb"[ \t\r\n\v\f\\\"']*"
_WORDS: Final = (b"passw", b"passphrase", b"secret", b"credential", b"_key", b"apikey", b"accesskey", b"privatekey")
_NAME: Final = rb"(?:passw(?:or)?d|passphrase|secret|credential|(?:api|access|private)_?key)"
# Secrets that nobody has told us: private keys, passwords in URLs and in SQL, values that are named as secrets are.
# Before each, words of which one is there whenever the pattern is: looking for them takes a hundredth of the time.
_UNKNOWN: Final = (
    ((b"private key",), re.compile(rb"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*KEY-----|\Z)()()")),
    ((b"://",), re.compile(rb"(://[^/\s:@\"']*:)[^@\s/\"']+(@)")),
    ((b"password",), re.compile(rb"(?i)(\bpassword\s+')[^'\n]*(')")),
    (_WORDS, re.compile(rb"(?i)(" + _NAME + rb"[\w.-]*[ \t]?=[ \t]?[\"']?)[^\s\"',;&\]}]+()")),
    (_WORDS, re.compile(rb"(?i)(" + _NAME + rb"[\w.-]*\"[ \t]*:[ \t]*\")[^\"\n]+(\")")),
)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A content that may be shown; `masked` counts what was taken out, `withheld` says why nothing of it may be."""

    content: bytes
    masked: int = 0
    withheld: str = ""


class Scan:
    """Looks for these secrets."""

    __slots__ = ("_pieces", "_plain", "_split", "_words")

    def __init__(self, secrets: Iterable[Secret]) -> None:
        every = tuple(dict.fromkeys(secrets))
        found = sorted({form for each in every for form in _bytes(forms(each))}, key=lambda form: (-len(form), form))
        self._plain = [form for form in found if len(form) > WORD_MAX]
        self._words = [
            re.compile(rb"(?<!\w)" + re.escape(form) + rb"(?!\w)") for form in found if len(form) <= WORD_MAX
        ]
        squeezed = {form: _squeezed(form) for form in self._plain}
        self._split = {form: bare for form, bare in squeezed.items() if len(bare) >= _SPLIT_MIN}
        self._pieces = sorted({piece for each in every for piece in _pieces(each)})

    def __repr__(self) -> str:
        return "Scan()"

    def finds(self, content: bytes) -> bool:
        """Tell whether a content holds a secret, whole or in pieces."""
        if any(form in content for form in self._plain) or any(word.search(content) for word in self._words):
            return True
        bare = _squeezed(content)
        return any(form in bare for form in self._split.values()) or self._has_piece(content)

    def clean(self, content: bytes) -> Cleaned:
        """Return what of a content may be shown."""
        if b"\0" in content:
            return Cleaned(b"", withheld="it is no text, so it cannot be searched for secrets")
        masked = 0
        for step in (self._mask_unknown, self._mask_whole, self._mask_split, self._mask_pieces):
            content, count = step(content)
            masked += count
        if masked and self.finds(content):
            return Cleaned(b"", masked, "it holds a secret in a form that could not be masked")
        return Cleaned(content, masked)

    def _mask_unknown(self, content: bytes) -> tuple[bytes, int]:
        total = 0
        lower = content.lower()
        for words, pattern in _UNKNOWN:
            if any(word in lower for word in words):
                content, count = pattern.subn(rb"\1" + _MASK + rb"\2", content)
                total += count
        return content, total

    def _mask_whole(self, content: bytes) -> tuple[bytes, int]:
        total = 0
        for form in self._plain:
            if form in content:
                total += content.count(form)
                content = content.replace(form, _MASK)
        for word in self._words:
            content, count = word.subn(_MASK, content)
            total += count
        return content, total

    def _mask_split(self, content: bytes) -> tuple[bytes, int]:
        total = 0
        bare = _squeezed(content)
        for form in [form for form, squeezed in self._split.items() if squeezed in bare]:
            letters = [re.escape(bytes([letter])) for letter in self._split[form]]
            content, count = re.subn(_GAP.join(letters), _MASK, content)
            total += count
        return content, total

    def _mask_pieces(self, content: bytes) -> tuple[bytes, int]:
        """Mask the lines around each piece: the rest of it may be in the one before, or the one after."""
        if not self._has_piece(content):
            return content, 0
        lines = content.split(b"\n")
        hit = [number for number, line in enumerate(lines) if self._has_piece(line)]
        bad = {near for number in hit for near in (number - 1, number, number + 1)}
        return b"\n".join(_MASK if number in bad else line for number, line in enumerate(lines)), len(hit)

    def _has_piece(self, content: bytes) -> bool:
        words = b"\n".join(_LONG_WORD.findall(content))
        return any(piece in words for piece in self._pieces)


def _bytes(texts: Iterable[str]) -> Iterator[bytes]:
    return (text.encode("utf-8", "surrogatepass") for text in texts)


def _squeezed(content: bytes) -> bytes:
    return content.translate(None, _BETWEEN)


def _pieces(secret: Secret) -> Iterator[bytes]:
    """Yield pieces of a long secret, and of its long forms, such that each part of 31 characters holds one whole."""
    plain = secret.reveal()
    for form in _bytes([plain] if len(plain) > _ENCODED_MAX else forms(secret)):
        bare = _squeezed(form)
        if len(bare) >= _PIECES_OF:
            yield from (bare[at : at + _PIECE] for at in range(0, len(bare) - _PIECE + 1, _PIECE))
