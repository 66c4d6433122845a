"""Keys and certificates by the openssl program of the prefix; no private key is ever in a file that it makes."""

from __future__ import annotations

import os
import ssl
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from chef_backend.base.proc import Command, Runner
from chef_backend.base.secret import Secret
from chef_backend.tls.due import Facts
from chef_backend.tls.request import Request

_QUICK_S: Final = 30.0
# 8192 bits can take minutes on a small machine.
_KEY_S: Final = 600.0
_CERTIFICATE_BEGINS: Final = "-----BEGIN CERTIFICATE-----"
_PEM_BEGINS: Final = "-----BEGIN PUBLIC KEY-----"


@dataclass(frozen=True, slots=True)
class Pair:
    """A key and its certificate, as PEM."""

    key: Secret
    certificate: bytes


class Maker(Protocol):
    """What looks at certificates and makes them."""

    def look(self, certificate: Path, key: Path) -> Facts:
        """Return what is there; never raises for what is no certificate or key."""
        ...

    def make(self, request: Request) -> Pair:
        """Return a new key and certificate; CommandFailed."""
        ...

    def knows(self, ciphers: str) -> bool:
        """Tell whether a cipher list has any that there is: OpenSSL passes over single ones that there are not."""
        ...

    def may_read(self, path: Path, user: str) -> bool:
        """Tell whether a user may read a file, and enter the folders on the way to it."""
        ...


class OpenSsl:
    """See Maker."""

    def __init__(self, runner: Runner, program: Path) -> None:
        self._runner = runner
        self._program = str(program)

    def look(self, certificate: Path, key: Path) -> Facts:
        """See Maker."""
        if not (certificate.exists() and key.exists()):
            return Facts(certificate.exists(), key.exists())
        found = self._asked("x509", "-in", str(certificate), "-noout", "-enddate", "-pubkey")
        end = next((line for line in found.splitlines() if line.startswith("notAfter=")), "")
        public = found[found.find(_PEM_BEGINS) :].strip() if _PEM_BEGINS in found else ""
        # Without -passin, a key with a passphrase would be asked for on the terminal.
        of_key = self._asked("pkey", "-in", str(key), "-passin", "pass:", "-pubout").strip()
        return Facts(
            has_certificate=True,
            has_key=True,
            ends_at=ssl.cert_time_to_seconds(end.removeprefix("notAfter=")) if end else None,
            matches=bool(public) and public == of_key,
            is_open=_is_open(certificate.stat(), key.stat()),
            key_uid=key.stat().st_uid,
            key_mode=stat.S_IMODE(key.stat().st_mode),
        )

    def make(self, request: Request) -> Pair:
        """See Maker."""
        new = ("-x509", "-newkey", f"rsa:{request.bits}", "-noenc", "-keyout", "-")
        options = ("-sha256", "-utf8", "-days", str(request.days), "-subj", request.subject())
        made = self._runner.run(Command(argv=(self._program, "req", *new, *options), timeout_s=_KEY_S)).out
        key, begin, certificate = made.partition(_CERTIFICATE_BEGINS)
        return Pair(Secret(key), f"{begin}{certificate}".encode())

    def knows(self, ciphers: str) -> bool:
        """See Maker."""
        return bool(self._asked("ciphers", "--", ciphers))

    def may_read(self, path: Path, user: str) -> bool:
        """See Maker."""
        test = Command(argv=("test", "-r", str(path)), timeout_s=_QUICK_S, user=user)
        return self._runner.run(test, check=False).code == 0

    def _asked(self, *arguments: str) -> str:
        done = self._runner.run(Command(argv=(self._program, *arguments), timeout_s=_QUICK_S), check=False)
        return done.out if done.code == 0 else ""


def _is_open(certificate: os.stat_result, key: os.stat_result) -> bool:
    return bool(key.st_mode & (stat.S_IRWXG | stat.S_IRWXO)) or key.st_uid != certificate.st_uid
