"""A bundle encrypted for whoever is to read it, before it is anywhere but in memory."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from ssl import cert_time_to_seconds
from typing import Final, Protocol

from chef_backend.base.errors import ChefBackendError, CommandFailed, Conflict
from chef_backend.base.proc import Command, Runner

_QUICK_S: Final = 30.0
_SEAL_S: Final = 300.0
_AGE_KEY: Final = re.compile(r"age1[0-9a-z]{50,}")


class Seal(Protocol):
    """For whom a bundle is encrypted."""

    @property
    def suffix(self) -> str:
        """The end of the file's name."""
        ...

    def describe(self) -> str:
        """Return who can read it."""
        ...

    def is_over(self, now: float) -> bool:
        """Tell whether it is no longer to be used at that time, in seconds of the epoch."""
        ...

    def close(self, content: bytes) -> bytes:
        """Return the content encrypted, as text; CommandFailed."""
        ...

    def open_with(self, name: str) -> str:
        """Return the command line that decrypts the file of that name."""
        ...


@dataclass(frozen=True, slots=True)
class Certificate:
    """Whoever has the key of a certificate: CMS by the package's own openssl, AES-256-GCM.

    https://www.rfc-editor.org/rfc/rfc5083
    """

    runner: Runner
    program: Path
    certificate: Path
    suffix: str = ".cms"

    def describe(self) -> str:
        """See Seal: the certificate's subject, and when it ends."""
        shown = ("-noout", "-subject", "-enddate", "-fingerprint", "-sha256")
        done = self.runner.run(self._command("x509", "-in", str(self.certificate), *shown, timeout_s=_QUICK_S))
        return ", ".join(done.out.split("\n")).strip(", ")

    def is_over(self, now: float) -> bool:
        """See Seal: a certificate ends."""
        end = re.search(r"notAfter=([^,]+)", self.describe())
        return end is not None and cert_time_to_seconds(end[1]) < now

    def close(self, content: bytes) -> bytes:
        """See Seal."""
        how = ("-encrypt", "-binary", "-stream", "-aes-256-gcm", "-outform", "PEM")
        done = self.runner.run(self._command("cms", *how, str(self.certificate), stdin=content))
        return _whole(done.out, "-----BEGIN CMS-----", "-----END CMS-----")

    def open_with(self, name: str) -> str:
        """See Seal."""
        out = name.removesuffix(self.suffix)
        return f"openssl cms -decrypt -binary -inform PEM -in {name} -inkey KEY -recip {self.certificate} -out {out}"

    def _command(self, *arguments: str, stdin: bytes = b"", timeout_s: float = _SEAL_S) -> Command:
        return Command(argv=(str(self.program), *arguments), stdin=stdin, timeout_s=timeout_s)


@dataclass(frozen=True, slots=True)
class Age:
    """Whoever has an age key, by the age program, where it is installed: https://age-encryption.org/v1."""

    runner: Runner
    recipient: str
    suffix: str = ".age"

    def describe(self) -> str:
        """See Seal."""
        return self.recipient

    def is_over(self, now: float) -> bool:  # noqa: ARG002 - the Protocol's
        """See Seal: a key has no end."""
        return False

    def close(self, content: bytes) -> bytes:
        """See Seal."""
        argv = ("age", "--encrypt", "--armor", "--recipient", self.recipient)
        done = self.runner.run(Command(argv=argv, stdin=content, timeout_s=_SEAL_S))
        return _whole(done.out, "-----BEGIN AGE ENCRYPTED FILE-----", "-----END AGE ENCRYPTED FILE-----")

    def open_with(self, name: str) -> str:
        """See Seal."""
        return f"age --decrypt --identity KEY --output {name.removesuffix(self.suffix)} {name}"


def seal_for(recipient: str, runner: Runner, openssl: Path) -> Seal:
    """Return the seal for a certificate's file or an age key, tried out; Conflict with what is expected."""
    if _AGE_KEY.fullmatch(recipient):
        seal: Seal = Age(runner, recipient)
    elif Path(recipient).is_file():
        seal = Certificate(runner, openssl, Path(recipient).resolve())
    else:
        raise Conflict(
            f"--encrypt-to {recipient}: there is no such file, and it is no age key (age1...)",
            hint="name a file with an X.509 certificate as PEM, of whose key the reader has the private one",
        )
    try:
        seal.describe()
        seal.close(b"a test")
    except CommandFailed as error:
        raise Conflict(
            f"nothing can be encrypted to {recipient}; nothing was collected\n{error.message}",
            hint="it must be an X.509 certificate (PEM) with an RSA or EC key; for age keys, install age",
        ) from None
    return seal


def _whole(text: str, begin: str, end: str) -> bytes:
    """Return an encrypted text; ChefBackendError where its beginning was lost, since it was too long."""
    if not (text.startswith(begin) and text.rstrip().endswith(end)):
        raise ChefBackendError(
            "the encrypted bundle is too large", hint="leave --encrypt-to out, and encrypt the file by hand"
        )
    return text.encode()
