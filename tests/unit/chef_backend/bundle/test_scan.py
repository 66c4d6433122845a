"""No secret passes the gate, in whatever form and broken up however; what is none is left as it is."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chef_backend.base.secret import MASK, Secret
from chef_backend.bundle.scan import Scan

LONG = "6d017268dc751e898deb16e0bf4778137ad84ed7a35df8321e1927cb31e66055232b910db73aaf9b1595a74c05d696a9e07c"
FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "json": json.dumps,
    "url": lambda text: quote(text, safe=""),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 within": lambda text: base64.b64encode(b"ab" + text.encode() + b"c").decode(),
    "base64 wrapped": lambda text: base64.encodebytes(text.encode()).decode(),
    "hex": lambda text: text.encode().hex(),
    "hex by bytes": lambda text: text.encode().hex(" ").upper(),
    "sql": lambda text: "'" + text.replace("'", "''") + "'",
    "continued": lambda text: "\\\n".join(re.findall(r"(?s).{1,7}", text)),
    "joined": lambda text: '" "'.join(re.findall(r"(?s).{1,5}", text)),
}
PASSWORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=8, max_size=60)
TEXTS = st.binary(max_size=80).map(lambda content: content.replace(b"\0", b""))


def holds(content: bytes, secret: str) -> bool:
    """Tell, by other means than the scan's own, whether a secret can be read from a content."""
    squeezed = re.sub(rb"[\s\\\"']", b"", content)
    bare = re.sub(r"[\s\\\"']", "", secret)
    forms = [secret, bare, *(form(secret) for form in FORMS.values())]
    return any(form.encode() in content for form in forms) or (len(bare) >= 8 and bare.encode() in squeezed)


@given(secret=PASSWORDS, before=TEXTS, after=TEXTS, form=st.sampled_from(sorted(FORMS)))
@example(secret=LONG, before=b"x", after=b"y", form="hex by bytes")
@settings(max_examples=400, deadline=None)
def test_no_form_of_a_secret_passes(secret: str, before: bytes, after: bytes, form: str) -> None:
    """Masked, or the whole content kept out."""
    scan = Scan([Secret(secret)])
    written = FORMS[form](secret).encode()
    content = before + written + after
    cleaned = scan.clean(content)
    assert cleaned.withheld or cleaned.masked
    assert not holds(cleaned.content, secret)
    assert not scan.finds(cleaned.content)


@given(cut=st.integers(31, len(LONG)), at=st.integers(0, 20), line=st.integers(0, 99))
@settings(max_examples=100, deadline=None)
def test_no_long_part_of_a_long_secret_passes(cut: int, at: int, line: int) -> None:
    """A log may end in the middle of it, or break its line there and put the time before the rest."""
    at = min(at, len(LONG) - cut)
    part = LONG[at : at + cut]
    broken = f"{part[:line]}\n2026-11-25_16:01:38.22305 {part[line:]}"
    for written in (part, broken):
        content = f"first\nit is {written} it was\nlast\n".encode()
        cleaned = Scan([Secret(LONG)]).clean(content)
        pieces = {LONG[start : start + 31].encode() for start in range(len(LONG) - 30)}
        assert not any(piece in cleaned.content for piece in pieces)
        if written == part:
            assert cleaned.masked


@given(content=TEXTS)
@settings(deadline=None)
def test_what_holds_no_secret_is_left_as_it_is(content: bytes) -> None:
    """Any bytes but those of a binary file, kept to the byte."""
    scan = Scan([Secret(LONG)])
    cleaned = scan.clean(content)
    assert cleaned.masked or cleaned.content == content
    assert not scan.finds(content)


@pytest.mark.parametrize(
    ("content", "left"),
    [
        ("it is hunter2hunter2!\n", f"it is {MASK}!\n"),
        ("a line\nwith hunter2hunter2 twice hunter2hunter2\n", f"a line\nwith {MASK} twice {MASK}\n"),
        ("x aHVudGVyMmh1bnRlcjI= y", f"x {MASK}I= y"),
        ("x hunter2\n  hunter2 y", f"x {MASK} y"),
    ],
)
def test_only_the_secret_is_masked(content: str, left: str) -> None:
    """The line around it tells what happened."""
    assert Scan([Secret("hunter2hunter2")]).clean(content.encode()).content.decode() == left


def test_lines_around_a_part_are_masked() -> None:
    """The rest of it may be in them."""
    content = f"one\ntwo\nthree {LONG[:40]}\nfour\nfive\n".encode()
    assert Scan([Secret(LONG)]).clean(content).content.decode().split("\n") == ["one", MASK, MASK, MASK, "five", ""]


def test_a_short_password_is_masked_as_a_word_only() -> None:
    """Replacing each of its letters would leave nothing to read."""
    cleaned = Scan([Secret("abc")]).clean(b"abc abcd /abc/ xabc")
    assert cleaned.content == f"{MASK} abcd /{MASK}/ xabc".encode()


@pytest.mark.parametrize(
    ("content", "left"),
    [
        ("-----BEGIN RSA PRIVATE KEY-----\nMII\nab\n-----END RSA PRIVATE KEY-----\nand", f"{MASK}\nand"),
        ("cut -----BEGIN PRIVATE KEY-----\nMII", f"cut {MASK}"),
        ("http://joe:s3cret@proxy/x and", f"http://joe:{MASK}@proxy/x and"),
        ("ALTER ROLE joe PASSWORD 'it is';", f"ALTER ROLE joe PASSWORD '{MASK}';"),
        ("host=a password=it-is port=1", f"host=a password={MASK} port=1"),
        ("[-Xms1g, -Dhttp.proxyPassword=it-is, -Xmx1g]", f"[-Xms1g, -Dhttp.proxyPassword={MASK}, -Xmx1g]"),
        ('{"aws_secret_access_key": "it is", "a": "b"}', f'{{"aws_secret_access_key": "{MASK}", "a": "b"}}'),
    ],
)
def test_secrets_that_nobody_told_are_found_by_what_is_around_them(content: str, left: str) -> None:
    """What stands beside them is left."""
    cleaned = Scan([]).clean(content.encode())
    assert (cleaned.content.decode(), cleaned.masked) == (left, 1)


@pytest.mark.parametrize(
    "content",
    [
        "FATAL:  password authentication failed for user",
        "net.ipv6.conf.all.stable_secret = \nnet.ipv6.conf.all.x = 1",
        "reading key net.ipv6.conf.all.stable_secret: Input/output error",
        "simple token is not cryptographically signed",
        "http://localhost:7331/leader",
    ],
)
def test_words_about_secrets_are_none(content: str) -> None:
    """Somebody has to be able to read what happened."""
    assert Scan([]).clean(content.encode()).content == content.encode()


def test_what_is_no_text_is_kept_out() -> None:
    """It could hold anything, compressed."""
    assert Scan([]).clean(b"\x1f\x8b\0").withheld


def test_a_mask_that_holds_the_secret_keeps_all_out() -> None:
    """Whoever chose it gets no log, but no leak either."""
    cleaned = Scan([Secret("****")]).clean(b"it is ****")
    assert cleaned.withheld
    assert cleaned.content == b""


def test_an_empty_secret_is_none() -> None:
    """Nor does the gate show what it looks for."""
    scan = Scan([Secret("")])
    assert scan.clean(b"text").content == b"text"
    assert repr(Scan([Secret(LONG)])) == "Scan()"
