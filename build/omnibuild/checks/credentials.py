"""Credentials in a file's bytes: real ones, not the words that surround them.

A library that reads PEM files holds ``-----BEGIN PRIVATE KEY-----`` as a string, and manuals
show shortened keys and ``user:password@example.com``: each pattern here therefore asks for
the secret itself (a body that decodes, a token of the right length) before it reports.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

_PEM_WORDS = b"PRIVATE KEY"
_PEM_BEGIN = re.compile(rb"-----BEGIN ((?:[A-Z0-9]+ ){0,3})PRIVATE KEY(?: BLOCK)?-----")
_PEM_LONGEST = 16 * 1024
_PEM_HEADER = re.compile(rb"^[ \t]*[A-Za-z-]+: .*$", re.MULTILINE)
_PEM_CHECKSUM = re.compile(rb"^=[A-Za-z0-9+/]{4}\s*$", re.MULTILINE)
# A key quoted in source code: line ends as escapes, each line a string literal of its own.
_QUOTING = re.compile(rb"\\[rn]|[\"']\s*\+?\s*[\"']?|\s+")
_SHORTEST_KEY = 32
_DER_SEQUENCE, _OPENSSH = b"\x30", b"openssh-key-v1\0"

_AGE = re.compile(rb"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}(?![A-Z0-9])")
_AWS = re.compile(rb"AKIA[A-Z2-7]{16}(?![A-Za-z0-9+/=_-])")
_GITHUB = re.compile(rb"github_pat_[A-Za-z0-9_]{82}(?![A-Za-z0-9_])")
_URL = re.compile(
    rb"://([^\s/:@\"'<>{}$()\[\]\\%]{1,64}):([^\s/:@\"'<>{}$()\[\]\\*]{6,128})@([A-Za-z0-9][A-Za-z0-9.-]*)"
)
_FIXED_START = {_AGE: b"AGE-SECRET-KEY-1", _AWS: b"AKIA", _GITHUB: b"github_pat_"}
_PLACEHOLDER = re.compile(rb"(?i)pass|pwd|secret|changeme|hunter|token|x{4}|your|foo|bar|user|test|example")
_EXAMPLE_HOST = re.compile(
    rb"(?i)(?:^|\.)(?:example(?:\.[a-z]+)?|test|invalid|localhost|host|server|proxy|company(?:\.[a-z]+)?)$"
)


@dataclass(frozen=True, slots=True)
class Credential:
    """What kind of secret lies at which offset; the secret itself is never kept."""

    kind: str
    offset: int


def find_credentials(data: bytes, *, text: bool) -> tuple[Credential, ...]:
    """Return every credential; tokens without a checksum of their own only in ``text``."""
    found = [*_private_keys(data), *_all(_AGE, data, "age secret key")]
    if text:
        found += [item for item in _all(_AWS, data, "AWS access key") if _is_aws_key(data, item.offset)]
        found += _all(_GITHUB, data, "GitHub token")
        found += _url_passwords(data)
    return tuple(found)


def _all(pattern: re.Pattern[bytes], data: bytes, kind: str) -> Iterable[Credential]:
    # Most files hold nothing: bytes.find skips ahead by the fixed start's length, a pattern does not.
    if data.find(_FIXED_START[pattern]) < 0:
        return ()
    return (Credential(kind, match.start()) for match in pattern.finditer(data))


def _is_aws_key(data: bytes, offset: int) -> bool:
    # AWS's own manuals use AKIAIOSFODNN7EXAMPLE.
    alone = not data[offset - 1 : offset].isalnum() if offset else True
    return alone and not data.startswith(b"EXAMPLE", offset + 13)


def _private_keys(data: bytes) -> Iterator[Credential]:
    if data.find(_PEM_WORDS) < 0:
        return
    for match in _PEM_BEGIN.finditer(data):
        end = data.find(b"-----END", match.end(), match.end() + _PEM_LONGEST)
        label = match.group(1).decode()
        if end > 0 and _is_key(data[match.end() : end], label):
            yield Credential(f"PEM {label}private key", match.start())


def _is_key(body: bytes, label: str) -> bool:
    encrypted = b"Proc-Type:" in body or label.startswith(("ENCRYPTED", "PGP"))
    bare = _QUOTING.sub(b"", _PEM_CHECKSUM.sub(b"", _PEM_HEADER.sub(b"", body)))
    try:
        key = base64.b64decode(bare, validate=True)
    except binascii.Error:
        return False
    return len(key) >= _SHORTEST_KEY and (encrypted or key.startswith((_DER_SEQUENCE, _OPENSSH)))


def _url_passwords(data: bytes) -> Iterator[Credential]:
    for match in _URL.finditer(data):
        password, host = unquote_to_bytes(match.group(2)), match.group(3)
        mixed = re.search(rb"[0-9]", password) and re.search(rb"[A-Za-z]", password)
        if mixed and not _PLACEHOLDER.search(password) and not _EXAMPLE_HOST.search(host):
            yield Credential("password in a URL", match.start())
