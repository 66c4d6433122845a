"""What runs comes up again with the machine, and what was stopped for good does not."""

from __future__ import annotations

from machines import FakeMachine

from chef_backend.install.event import Script
from chef_backend.install.record import Record, read_record
from chef_backend.install.supervision import Supervision


def supervision(fake: FakeMachine) -> Supervision:
    return Supervision(fake, lambda: fake, fake.host, fake.paths, version="3.2.0")


def test_what_retire_disabled_a_start_enables_again() -> None:
    """The package's version is still the one that its installation noted."""
    fake = FakeMachine()
    fake.perform(Script.POSTINST, "configure")
    fake.did.clear()
    found = supervision(fake)
    found.start()
    found.retire()
    assert not found.is_running()
    found.retire()
    found.start()
    assert fake.did == ["start", "stop", "disable", "stop", "disable", "enable", "start"]
    assert read_record(fake.host, fake.paths) == Record("3.2.0-1", enabled=True)


def test_what_an_administrator_disabled_stays_so() -> None:
    """The record says that it was enabled once."""
    fake = FakeMachine()
    fake.perform(Script.POSTINST, "configure")
    fake.did.clear()
    supervision(fake).start()
    assert fake.did == ["start"]


def test_a_node_without_a_record_gets_one() -> None:
    """A cleanse deleted it: an older package must still be refused."""
    fake = FakeMachine()
    supervision(fake).start()
    assert fake.did == ["enable", "start"]
    assert read_record(fake.host, fake.paths) == Record("3.2.0", enabled=True)
