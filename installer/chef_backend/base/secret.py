"""Secrets that show themselves only where they are asked to, and their removal from texts."""

from __future__ import annotations

import base64
import hmac
import json
import re
import shlex
from collections.abc import Iterable, Iterator
from typing import NoReturn
from urllib.parse import quote, quote_plus

MASK = "********"
# A shorter value is looked for as a word of its own only: replacing every "a" would leave nothing to read.
WORD_MAX = 3
# A shorter encoded form would be found by chance.
_ENCODED_MIN = 6


class Secret:
    """A text that no repr, str, format, JSON or pickle shows; `reveal()` does."""

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        self.__text = text

    def reveal(self) -> str:
        """Return the text itself: for what is sent or written, never for what is shown."""
        return self.__text

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(_bytes(self.__text), _bytes(other.__text))

    def __hash__(self) -> int:
        return hash((Secret, self.__text))

    def __bool__(self) -> bool:
        return bool(self.__text)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a Secret cannot be pickled")


class Redactor:
    """Finds and masks known secrets in texts, in the forms in which programs write them down."""

    __slots__ = ("_pattern",)

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        found = {form for secret in secrets for form in forms(secret)}
        ordered = sorted(found, key=lambda form: (-len(form), form))
        self._pattern = re.compile("|".join(map(_searched, ordered))) if ordered else None

    def __repr__(self) -> str:
        return "Redactor()"

    def redact(self, text: str) -> str:
        """Return `text` with every secret masked."""
        return self._pattern.sub(MASK, text) if self._pattern else text

    def finds(self, text: str) -> bool:
        """Tell whether `text` holds a secret."""
        return bool(self._pattern and self._pattern.search(text))

    def finds_bytes(self, data: bytes) -> bool:
        """Tell whether `data`, whatever it is, holds a secret."""
        return self.finds(data.decode("utf-8", "surrogateescape"))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _searched(form: str) -> str:
    return rf"(?<!\w){re.escape(form)}(?!\w)" if len(form) <= WORD_MAX else re.escape(form)


def forms(secret: Secret) -> tuple[str, ...]:
    """Return the forms in which programs write a secret down, the longest first; of an empty one there are none."""
    text = secret.reveal()
    if not text:
        return ()
    # An encoded form may begin with the plain one.
    found = {text, *(form for form in _encoded(text) if len(form) >= _ENCODED_MIN)}
    return tuple(sorted(found, key=lambda form: (-len(form), form)))


def _encoded(text: str) -> Iterator[str]:
    data = _bytes(text)
    for quoted in (
        quote(text, safe="", errors="replace"),
        quote(text, errors="replace"),
        quote_plus(text, errors="replace"),
    ):
        yield quoted
        yield re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), quoted)
    for ascii_only in (True, False):
        escaped = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
        yield escaped
        yield escaped.replace("/", "\\/")
    yield text.replace("'", "''")  # SQL
    yield shlex.quote(text)
    yield repr(text)[1:-1]
    yield text.replace("\\", "\\\\").replace(":", "\\:")  # .pgpass
    yield text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    yield data.hex()
    yield data.hex().upper()
    yield from _base64_forms(data)


def _base64_forms(data: bytes) -> Iterator[str]:
    """Yield what base64 makes of `data` at each of the three offsets it can have in what surrounds it."""
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + data).decode()
        begin = (before * 8 + 5) // 6  # characters that hold bits of what comes before
        end = (before + len(data)) * 8 // 6  # whole characters of ours
        yield from (encoded[begin:end], encoded[begin:end].replace("+", "-").replace("/", "_"))
