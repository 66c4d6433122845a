"""What the scriptlets do to a machine."""

from __future__ import annotations

from contextlib import suppress

import pytest
from machines import FakeMachine

from chef_backend.base.errors import Conflict, ServiceFailed
from chef_backend.install.event import Kind, Script
from chef_backend.install.record import Record, permission_path, read_record, record_path
from chef_backend.resources.fake import Interrupted
from chef_backend.resources.host import Identity, Observed
from chef_backend.resources.host import Kind as Thing

POSTINST, PRERM = Script


def test_a_fresh_installation_enables_and_starts_nothing() -> None:
    """Accounts are made, the unit is enabled once, and a person is told what to do next."""
    fake = FakeMachine()
    fake.perform(POSTINST, "configure")
    assert fake.did == ["reload", "enable"]
    assert {"chef_pgsql", "chef-backend"} <= fake.host.users.keys()
    assert read_record(fake.host, fake.paths) == Record("3.2.0-1", enabled=True)
    assert fake.host.observe(record_path(fake.paths)).mode == 0o600
    assert fake.host.observe(record_path(fake.paths).parent).mode == 0o700
    assert any("create-cluster" in line for line in fake.said)


@pytest.mark.parametrize("words", ["configure 3.2.0-1", "2", "abort-upgrade 3.3.0-1", "abort-remove"])
def test_what_an_administrator_disabled_stays_disabled(words: str) -> None:
    """Only the first configuration of an installation enables the unit."""
    fake = FakeMachine(running=True)
    fake.perform(POSTINST, "configure")
    fake.did.clear()
    fake.perform(POSTINST, words)
    assert fake.did == ["reload"]


def test_an_upgrade_of_a_configured_node_writes_its_files_and_says_when_new_code_runs() -> None:
    """Its services are not touched."""
    fake = FakeMachine(running=True, configured=True)
    fake.perform(POSTINST, "configure")
    fake.did.clear()
    fake.said.clear()
    assert fake.perform(POSTINST, "configure 3.2.0-1", "3.3.0-1").kind is Kind.UPGRADE
    assert fake.did == ["reload", "files"]
    assert fake.running
    assert fake.said[0] == "chef-backend 3.3.0-1 is installed in place of 3.2.0-1."
    assert "  chef-backend-ctl upgrade" in fake.said


def test_a_broken_configuration_does_not_break_the_package() -> None:
    """The upgrade ends well, and tells what to correct and to run."""
    fake = FakeMachine(running=True, configured=True)
    fake.broken = Conflict("ten mistakes", hint="correct them")
    fake.perform(POSTINST, "configure")
    assert "warning: the files of this node are still those of the version before: ten mistakes" in fake.said
    assert "hint: correct them; then run `chef-backend-ctl reconfigure`" in fake.said
    assert read_record(fake.host, fake.paths).version == "3.2.0-1"


def test_removal_stops_then_disables_and_the_next_installation_enables_again() -> None:
    """The version stays known, so that an older one is refused over this one's data.

    The services that the removal took away are back, so that the next boot starts them.
    """
    fake = FakeMachine(running=True, configured=True)
    fake.perform(POSTINST, "configure")
    fake.did.clear()
    fake.perform(PRERM, "remove")
    assert fake.did == ["stop", "disable"]
    assert read_record(fake.host, fake.paths) == Record("3.2.0-1", enabled=False)
    fake.host.remove_folder(fake.paths.sv / "etcd")
    fake.did.clear()
    fake.said.clear()
    assert fake.perform(POSTINST, "configure 3.2.0-1").kind is Kind.REINSTALL
    assert fake.did == ["reload", "enable", "files and links"]
    assert "  chef-backend-ctl reconfigure" in fake.said


def test_a_service_that_does_not_stop_keeps_the_package() -> None:
    """Nothing is disabled then: the package stays as it was."""
    fake = FakeMachine(running=True)
    fake.perform(POSTINST, "configure")
    fake.did.clear()
    fake.stops = False
    with pytest.raises(ServiceFailed):
        fake.perform(PRERM, "remove")
    assert fake.did == ["stop"]
    assert read_record(fake.host, fake.paths).enabled


def test_a_supervisor_that_no_init_system_started_is_stopped_too() -> None:
    """It would go on running deleted programs."""
    fake = FakeMachine(running=True)
    fake.perform(PRERM, "0")
    assert not fake.running


@pytest.mark.parametrize("words", ["upgrade 3.3.0-1", "1", "failed-upgrade 3.1.0-1"])
def test_an_upgrade_stops_nothing(words: str) -> None:
    """The old package's prerm runs in every upgrade."""
    fake = FakeMachine(running=True)
    fake.perform(PRERM, words)
    assert fake.did == []
    assert fake.host.changes == 0


@pytest.mark.parametrize(("count", "may_raise", "warned"), [(65530, True, False), (65530, False, True)])
def test_the_kernel_is_asked_for_more_mappings(count: int, may_raise: bool, warned: bool) -> None:  # noqa: FBT001
    """In a container only the host can give them; that is no failure."""
    fake = FakeMachine()
    fake.count, fake.may_raise = count, may_raise
    fake.perform(POSTINST, "1")
    assert "raise" in fake.did
    assert any(line.startswith("warning: vm.max_map_count") for line in fake.said) is warned


def test_a_permission_to_go_back_serves_once() -> None:
    """Forgotten, it would let a later mistake through."""
    fake = FakeMachine()
    fake.perform(POSTINST, "configure", "3.3.0-1")
    fake.host.add(permission_path(fake.paths), Observed(Thing.FILE, content=b"3.2.0-1\n"))
    assert fake.perform(POSTINST, "configure 3.3.0-1", "3.2.0-1").kind is Kind.DOWNGRADE
    assert fake.host.observe(permission_path(fake.paths)).kind is Thing.MISSING


def test_root_under_another_name_is_refused() -> None:
    """preinst looks first, but an account may be made while files are unpacked."""
    fake = FakeMachine()
    fake.host.users["chef-backend"] = Identity(0, 0)
    with pytest.raises(Conflict, match="it is root under another name"):
        fake.perform(POSTINST, "configure")


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"format": 1}'])
def test_a_damaged_record_is_as_none(content: bytes) -> None:
    """It must not keep anybody from installing a correction."""
    fake = FakeMachine()
    fake.host.add(record_path(fake.paths), Observed(Thing.FILE, content=content))
    assert fake.perform(POSTINST, "configure").kind is Kind.INSTALL


@pytest.mark.parametrize("stop_at", range(12))
def test_an_interrupted_installation_is_finished_by_the_next_run(stop_at: int) -> None:
    """dpkg --configure runs the postinst again from its beginning."""
    fake = FakeMachine()
    fake.host.fails_at = stop_at
    with suppress(Interrupted):
        fake.perform(POSTINST, "configure")
    fake.host.fails_at = None
    fake.perform(POSTINST, "configure")
    assert read_record(fake.host, fake.paths) == Record("3.2.0-1", enabled=True)
    assert {"chef_pgsql", "chef-backend"} <= fake.host.users.keys()
