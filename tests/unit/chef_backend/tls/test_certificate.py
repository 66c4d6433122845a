"""When a certificate is made, and where it goes."""

from __future__ import annotations

import stat
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from chef_backend.base.secret import Secret
from chef_backend.config.facts import HostFacts
from chef_backend.config.load import load
from chef_backend.config.model import Settings
from chef_backend.resources.fake import FakeHost
from chef_backend.resources.host import Identity, Kind, Observed
from chef_backend.tls.due import Facts, Reason, due
from chef_backend.tls.ensure import Place, ensure
from chef_backend.tls.openssl import Pair
from chef_backend.tls.request import Request, request

DAY = 86_400.0
NOW = 1_000_000_000.0
GOOD = Facts(has_certificate=True, has_key=True, ends_at=NOW + 100 * DAY, matches=True)
PLACE = Place(Path("/ssl/postgresql.crt"), Path("/ssl/postgresql.key"), "chef_pgsql", "chef_pgsql")


def settings(text: str = "", fqdn: str = "be1") -> Settings:
    return load(text, HostFacts(2**33, 2, fqdn, ("10.0.0.1",), "15"), "chef-backend.rb")


@pytest.mark.parametrize(
    ("facts", "days", "reason"),
    [
        (GOOD, 3650, None),
        (Facts(has_certificate=False, has_key=True), 3650, Reason.MISSING),
        (Facts(has_certificate=True, has_key=False), 3650, Reason.MISSING),
        (Facts(has_certificate=True, has_key=True), 3650, Reason.UNREADABLE),
        (Facts(has_certificate=True, has_key=True, ends_at=NOW + 100 * DAY), 3650, Reason.OTHER_KEY),
        (replace(GOOD, is_open=True), 3650, Reason.OPEN),
        (Facts(has_certificate=True, has_key=True, ends_at=NOW + 29 * DAY, matches=True), 3650, Reason.ENDS_SOON),
        (Facts(has_certificate=True, has_key=True, ends_at=NOW + 29 * DAY, matches=True), 30, None),
        (Facts(has_certificate=True, has_key=True, ends_at=NOW + 2 * DAY, matches=True), 30, Reason.ENDS_SOON),
        (Facts(has_certificate=True, has_key=True, ends_at=NOW - DAY, matches=True), 1, Reason.ENDS_SOON),
    ],
)
def test_when_a_certificate_is_due(facts: Facts, days: int, reason: Reason | None) -> None:
    assert due(facts, NOW, days) is reason


@dataclass
class FakeMaker:
    """Finds what it is told, and counts."""

    found: Facts
    made: list[Request] = field(default_factory=list)

    def look(self, certificate: Path, key: Path) -> Facts:  # noqa: ARG002 - as told
        return self.found

    def make(self, request: Request) -> Pair:
        self.made.append(request)
        return Pair(Secret("KEY"), b"CERTIFICATE")


@pytest.fixture
def host() -> FakeHost:
    found = FakeHost()
    found.users["chef_pgsql"], found.groups["chef_pgsql"] = Identity(900, 900), 900
    found.add(Path("/ssl"), Observed(Kind.FOLDER, mode=0o750))
    return found


def test_a_missing_certificate_is_made_and_its_key_closed_from_the_first_byte(host: FakeHost) -> None:
    maker = FakeMaker(Facts(has_certificate=False, has_key=False))
    assert ensure(settings(), PLACE, maker, host, NOW) is Reason.MISSING
    key = host.observe(PLACE.key)
    assert (key.content, key.uid, key.gid, stat.S_IMODE(key.mode)) == (b"KEY", 900, 900, 0o600)
    assert host.observe(PLACE.certificate).content == b"CERTIFICATE"


def test_a_good_one_and_one_of_the_operators_own_are_left_alone(host: FakeHost) -> None:
    maker = FakeMaker(GOOD)
    assert ensure(settings(), PLACE, maker, host, NOW) is None
    maker.found = Facts(has_certificate=False, has_key=False)
    own = settings("ssl.certificate = '/own/a.crt'\nssl.certificate_key = '/own/a.key'")
    assert ensure(own, PLACE, maker, host, NOW) is None
    assert maker.made == []


def test_what_a_certificate_says() -> None:
    found = request(settings("ssl.company_name = 'A/B=C\\\\D+E'", fqdn="a" * 60 + ".example.com"))
    assert found.subject() == f"/C=US/O=A\\/B\\=C\\\\D\\+E/OU=Operations/CN={('a' * 60 + '.example.com')[:64]}"
