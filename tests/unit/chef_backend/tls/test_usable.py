"""What PostgreSQL would not start with: its certificate's files, and its ciphers."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from chef_backend.base.errors import Conflict
from chef_backend.config.facts import HostFacts
from chef_backend.config.load import load
from chef_backend.postgresql.versions import version
from chef_backend.resources.fake import FakeHost
from chef_backend.resources.host import Identity, Kind, Observed
from chef_backend.tls.ensure import Place
from chef_backend.tls.fake import FakeMaker
from chef_backend.tls.usable import require_usable

CERTIFICATE, KEY = Path("/own.crt"), Path("/own.key")
OWN = "ssl.certificate '/own.crt'\nssl.certificate_key '/own.key'\n"


@dataclass
class Case:
    """A node with a certificate of its operator's; `found` is what it is told, "" for nothing."""

    certificate: bytes | None = b"CERTIFICATE 1"
    key: bytes | None = b"KEY 1"
    uid: int = 900
    mode: int = 0o600
    text: str = OWN
    major: str = "15"
    unreadable: frozenset[Path] = field(default_factory=frozenset)
    has_account: bool = True

    @property
    def found(self) -> str:
        host = FakeHost()
        if self.has_account:
            host.users["chef_pgsql"] = Identity(900, 900)
        if self.certificate is not None:
            host.add(CERTIFICATE, Observed(Kind.FILE, mode=0o644, content=self.certificate))
        if self.key is not None:
            host.add(KEY, Observed(Kind.FILE, uid=self.uid, mode=self.mode, content=self.key))
        maker = FakeMaker(host, 1e10, unknown=frozenset({"NONE"}), unreadable=self.unreadable)
        settings = load(self.text, HostFacts(2**33, 2, "be1", ("10.0.0.1",), self.major), "chef-backend.rb")
        place = Place(CERTIFICATE, KEY, "chef_pgsql", "chef_pgsql")
        try:
            require_usable(settings, place, version(self.major), maker, host)
        except Conflict as error:
            return error.message
        return ""


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (Case(certificate=None), "ssl.certificate /own.crt is not there"),
        (Case(key=None), "ssl.certificate_key /own.key is not there"),
        (Case(certificate=b"?"), "ssl.certificate /own.crt is no certificate"),
        (Case(key=b"KEY 2"), "does not belong to ssl.certificate /own.crt, or has a passphrase"),
        (Case(unreadable=frozenset({KEY})), "chef_pgsql, whom PostgreSQL runs as, cannot read /own.key"),
        (Case(mode=0o640), "/own.key must be chef_pgsql's with mode 0600, or root's with mode 0640"),
        (Case(uid=0, mode=0o644), "it is 0's with mode 0644"),
        (Case(uid=33), "it is 33's with mode 0600"),
        (Case(uid=0, mode=0o640, major="9.5"), "must be chef_pgsql's with mode 0600; it is"),
        (Case(text="ssl.ciphers 'NONE'"), "ssl.ciphers NONE: OpenSSL knows none of them"),
    ],
)
def test_what_it_would_not_start_with_is_told(case: Case, words: str) -> None:
    assert words in case.found


@pytest.mark.parametrize(
    "case",
    [
        Case(),
        Case(uid=0, mode=0o640),
        Case(mode=0o400, major="9.5"),
        Case(uid=0, mode=0o644, has_account=False),
        Case(text="", certificate=None, key=None),
    ],
)
def test_what_it_can_serve_with_is_not_refused(case: Case) -> None:
    """One that is made here is not there before the first reconfigure."""
    assert case.found == ""
