"""Credentials: real ones are found in any dress, and look-alikes are left alone."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from pathlib import Path

import pytest

from omnibuild.checks.credentials import find_credentials


@pytest.fixture(scope="module")
def key() -> str:
    """Return a real key, made for this run."""
    argv = ["openssl", "genpkey", "-algorithm", "ed25519"]
    return subprocess.run(argv, capture_output=True, check=True, timeout=60, text=True).stdout


def _kinds(text: str | bytes, *, as_text: bool = True) -> list[str]:
    data = text.encode() if isinstance(text, str) else text
    return [item.kind for item in find_credentials(data, text=as_text)]


def test_a_key_is_found_in_any_dress(key: str) -> None:
    """As a file, inside JSON, as a C string, with Windows line ends, indented, in binary data."""
    literal = "\n".join(f'"{line}\\n"' for line in key.splitlines())
    dresses = [key, json.dumps({"key": key}), literal, key.replace("\n", "\r\n"), key.replace("\n", "\n    ")]
    assert [_kinds(dress) for dress in dresses] == [["PEM private key"]] * 5
    assert _kinds(b"\0\1" + key.encode() + b"\0", as_text=False) == ["PEM private key"]


def test_encrypted_and_ssh_and_pgp_keys_are_keys() -> None:
    """Their bodies are not DER, but no less secret."""
    body = base64.encodebytes(os.urandom(300)).decode()
    ssh = base64.encodebytes(b"openssh-key-v1\0" + os.urandom(200)).decode()
    old = (
        f"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: X,1\n\n{body}-----END RSA PRIVATE KEY-----"
    )
    assert _kinds(old) == ["PEM RSA private key"]
    assert _kinds(f"-----BEGIN OPENSSH PRIVATE KEY-----\n{ssh}-----END OPENSSH PRIVATE KEY-----") == [
        "PEM OPENSSH private key"
    ]
    pgp = f"-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: 1\n\n{body}=abcd\n-----END PGP PRIVATE KEY BLOCK-----"
    assert _kinds(pgp) == ["PEM PGP private key"]


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nMIIEvQ...\n-----END PRIVATE KEY-----",
        "re.compile('-----BEGIN (RSA )?PRIVATE KEY-----(.*)-----END')",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "AKIAIOSFODNN7EXAMPLE",
        "ZZAKIAABCDEFGHIJKLMNOP",
        "AGE-SECRET-KEY-1...",
        "postgres://user:password@db.internal/x",
        "https://user:s3cretpass1@example.com/",
        "http://joe:changeme1@proxy.internal",
        "://${USER}:${PASS1234}@host.net",
        "https://github.com/a/b:1234567@c",
    ],
)
def test_what_only_looks_like_one_is_left_alone(text: str) -> None:
    """Parsers, shortened keys, placeholders and the examples of manuals."""
    assert _kinds(text) == []


def test_tokens_and_passwords_in_urls_are_found() -> None:
    """Built from pieces, so that this file holds none."""
    assert _kinds("key = AKIA" + "ABCDEFGHIJKLMNO2") == ["AWS access key"]
    assert _kinds("AGE-SECRET-KEY-1" + "Q" * 58) == ["age secret key"]
    assert _kinds("github_pat_" + "a1" * 41) == ["GitHub token"]
    assert _kinds("url=postgres://app:" + "kV9x2LqT@db.internal.net/x") == ["password in a URL"]


def test_this_host_s_libraries_of_cryptography_hold_none() -> None:
    """Libcrypto and Python's ssl are full of the words, and hold no key."""
    candidates = [*Path("/usr/lib/x86_64-linux-gnu").glob("libcrypto.so*"), *Path("/usr/lib").glob("python3*/ssl.py")]
    assert candidates
    for path in candidates:
        assert _kinds(path.read_bytes(), as_text=path.suffix == ".py") == []
