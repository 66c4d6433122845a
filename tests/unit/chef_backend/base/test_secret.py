"""Secrets show themselves nowhere but where they are asked to."""

from __future__ import annotations

import base64
import copy
import json
import pickle
from dataclasses import asdict, dataclass
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chef_backend.base.secret import MASK, Redactor, Secret

VALUE = "p@ss/wörd'\"<&>\\ 1"


@dataclass(frozen=True)
class Holder:
    secret: Secret


def test_no_way_of_showing_shows_it() -> None:
    """repr, str, format and containers mask it; JSON, pickle and copies do not leak."""
    secret = Secret(VALUE)
    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r:>40}", f"{secret:>40}", "%s %r" % (secret, secret)]  # noqa: UP031
    shown += [repr([secret]), repr(Holder(secret)), repr(asdict(Holder(secret))), str({"a": secret})]
    assert not any("wörd" in text for text in shown)
    for leak in (lambda: json.dumps(secret), lambda: pickle.dumps(secret), lambda: vars(secret)):
        with pytest.raises(TypeError) as raised:
            leak()
        assert "wörd" not in str(raised.value)
    assert copy.deepcopy(secret) is secret
    assert secret.reveal() == VALUE


def test_it_equals_its_like_and_no_text() -> None:
    """Two secrets of one text are equal, also as keys; a plain text is never equal."""
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("ü") == Secret("ü")
    assert {Secret("a"), Secret("a")} == {Secret("a")}
    assert Secret("a") != "a"
    assert not Secret("")


FORMS = {
    "plain": VALUE,
    "url": quote(VALUE, safe=""),
    "url path": quote(VALUE),
    "form": quote_plus(VALUE),
    "lower-case url": quote(VALUE, safe="")
    .replace("%C3%B6", "%c3%b6")
    .replace("%2F", "%2f")
    .replace("%3C", "%3c")
    .replace("%3E", "%3e")
    .replace("%5C", "%5c"),
    "json": json.dumps(VALUE),
    "json unicode": json.dumps(VALUE, ensure_ascii=False),
    "sql": VALUE.replace("'", "''"),
    "python": repr(VALUE),
    "pgpass": VALUE.replace("\\", "\\\\"),
    "base64": base64.b64encode(VALUE.encode()).decode(),
    "basic auth": base64.b64encode(f"chef_pgsql:{VALUE}".encode()).decode(),
    "hex": VALUE.encode().hex(),
}


@pytest.mark.parametrize("form", FORMS)
def test_each_written_form_is_found_and_masked(form: str) -> None:
    """However a program writes it down, it is masked."""
    redactor = Redactor([Secret(VALUE)])
    text = f"x {FORMS[form]} y"
    assert redactor.finds(text)
    assert redactor.finds_bytes(b"\xff\x00" + text.encode())
    assert not redactor.finds(redactor.redact(text))
    assert MASK in redactor.redact(text)


@given(st.text(min_size=6), st.text(), st.text())
def test_nothing_of_a_secret_is_left_in_a_text(value: str, before: str, after: str) -> None:
    """After redaction the value is nowhere in the text, whatever surrounds it."""
    cleaned = Redactor([Secret(value)]).redact(before + value + after)
    assert value in MASK * 2 or value not in cleaned or value in (before + MASK + after)


@given(st.binary(min_size=8, max_size=40), st.binary(max_size=20), st.binary(max_size=20))
def test_base64_is_found_at_every_offset(value: bytes, before: bytes, after: bytes) -> None:
    """A secret inside a longer base64 text is found wherever it begins."""
    text = value.hex()
    encoded = base64.b64encode(before + text.encode() + after).decode()
    assert Redactor([Secret(text)]).finds(encoded)


def test_the_longest_secret_goes_first() -> None:
    """A secret that another begins with leaves no rest of the longer one."""
    assert Redactor([Secret("abcdef"), Secret("abcdef-ghi")]).redact("abcdef-ghi abcdef") == f"{MASK} {MASK}"


def test_a_very_short_secret_is_masked_as_a_word_only() -> None:
    """A one-letter password does not make every message unreadable."""
    assert Redactor([Secret("a")]).redact("a password: a, bare") == f"{MASK} password: {MASK}, bare"


def test_no_secrets_change_nothing() -> None:
    """Empty values are not looked for."""
    assert Redactor([Secret("")]).redact("text") == "text"
    assert not Redactor().finds("text")
