"""How the init system of a tree is found, and what it is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from chef_backend.base.errors import CommandFailed, ServiceFailed
from chef_backend.base.paths import Paths
from chef_backend.base.proc import Command, Completed
from chef_backend.install.boot import UNIT, InitScript, NoInit, Systemd, find_boot
from chef_backend.resources.fake import FakeHost
from chef_backend.resources.host import Kind, Observed


class FakeRunner:
    """Remembers the commands; those in `fails` fail."""

    def __init__(self, *fails: str) -> None:
        self.ran: list[str] = []
        self._fails = fails

    def run(self, command: Command, *, check: bool = True) -> Completed:
        line = " ".join(command.argv)
        self.ran.append(line)
        if check and any(part in line for part in self._fails):
            raise CommandFailed(f"{line} failed")
        return Completed(0, "", "")


def host_with(*paths: str) -> FakeHost:
    host = FakeHost()
    for path in paths:
        host.add(Path(path.rstrip("/")), Observed(Kind.FOLDER if path.endswith("/") else Kind.FILE))
    return host


@pytest.mark.parametrize(
    ("there", "kind"),
    [
        (["/run/systemd/system/", "/usr/bin/systemctl"], Systemd),
        (["/usr/bin/systemctl", "/lib/systemd/systemd"], Systemd),
        (["/usr/sbin/update-rc.d", "/etc/init.d/", "/sbin/init"], InitScript),
        (["/sbin/chkconfig", "/etc/init.d/", "/sbin/init"], InitScript),
        (["/usr/sbin/update-rc.d", "/etc/init.d/"], NoInit),
        ([], NoInit),
    ],
)
def test_the_init_system_is_found(there: list[str], kind: type) -> None:
    """A container's tree has the programs of one, but none that would run."""
    assert isinstance(find_boot(FakeRunner(), host_with(*there), Paths()), kind)


def test_systemd_that_does_not_run_is_only_told_what_to_start() -> None:
    """An image is built in a chroot, where there is nobody to reload or to stop."""
    runner = FakeRunner()
    boot = Systemd(runner, running=False)
    boot.reload()
    boot.enable()
    boot.stop()
    boot.disable()
    assert runner.ran == [f"systemctl enable --quiet {UNIT}", f"systemctl disable --quiet {UNIT}"]


def test_a_unit_that_does_not_stop_is_said_with_the_way_on() -> None:
    """Its files cannot be removed under it."""
    with pytest.raises(ServiceFailed, match="does not stop") as caught:
        Systemd(FakeRunner("systemctl stop"), running=True).stop()
    assert "journalctl" in caught.value.hint


@pytest.mark.parametrize(
    ("tool", "commands"),
    [
        ("update-rc.d", ["update-rc.d {} defaults", "update-rc.d {} remove"]),
        ("chkconfig", ["chkconfig --add {}", "chkconfig --del {}"]),
    ],
)
def test_an_init_script_is_linked_and_put_into_run_levels(tool: str, commands: list[str]) -> None:
    """The distribution's own program does the second."""
    runner, host = FakeRunner(), host_with("/etc/init.d/")
    boot = InitScript(runner, host, Paths(), tool=tool)
    link = Path("/etc/init.d/chef-backend-runsvdir-start")
    boot.enable()
    assert host.observe(link).target == "/opt/chef-backend/share/init/chef-backend-runsvdir-start"
    boot.disable()
    assert host.observe(link).kind is Kind.MISSING
    assert runner.ran == [line.format("chef-backend-runsvdir-start") for line in commands]
