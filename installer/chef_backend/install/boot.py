"""How the supervisor of the services comes up with the machine: by systemd, by an init script, or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from chef_backend.base.errors import CommandFailed, ServiceFailed
from chef_backend.base.paths import Paths
from chef_backend.base.proc import Command, Runner
from chef_backend.resources.host import Host, Kind
from chef_backend.supervise.process import SupervisorProcess

NAME = "chef-backend-runsvdir-start"
UNIT = f"{NAME}.service"
_QUICK_S = 60.0
# Above the unit's own TimeoutStopSec, and above `sv -w` in the init script.
_STOP_S = 330.0


class Boot(Protocol):
    """What starts the supervisor with the machine. None of its methods starts it now."""

    def reload(self) -> None:
        """Let the init system read its definitions anew."""
        ...

    def enable(self) -> None:
        """Have the supervisor started with the machine from now on."""
        ...

    def disable(self) -> None:
        """Have it started no more."""
        ...

    def stop(self) -> None:
        """Stop the supervisor and its services if the init system runs them; ServiceFailed when they do not end."""
        ...


class Systemd:
    """systemd; in a tree where it does not run now (an image's, a chroot's), it only enables and disables."""

    def __init__(self, runner: Runner, *, running: bool) -> None:
        self._runner = runner
        self._running = running

    def reload(self) -> None:
        """See Boot."""
        if self._running:
            self._systemctl("daemon-reload")

    def enable(self) -> None:
        """See Boot."""
        self._systemctl("enable", "--quiet", UNIT)

    def disable(self) -> None:
        """See Boot."""
        self._systemctl("disable", "--quiet", UNIT)

    def stop(self) -> None:
        """See Boot."""
        if not self._running:
            return
        try:
            self._systemctl("stop", UNIT, timeout_s=_STOP_S)
        except CommandFailed as error:
            raise ServiceFailed(
                f"{UNIT} does not stop\n{error.message}",
                hint=f"see journalctl -u {UNIT}; stop what still runs, then run this again",
            ) from None

    def _systemctl(self, *arguments: str, timeout_s: float = _QUICK_S) -> None:
        self._runner.run(Command(argv=("systemctl", *arguments), timeout_s=timeout_s))


class InitScript:
    """An init script in /etc/init.d, put into run levels by the distribution's own program."""

    def __init__(self, runner: Runner, host: Host, paths: Paths, *, tool: str) -> None:
        self._runner = runner
        self._host = host
        self._link = paths.root / "etc/init.d" / NAME
        self._script = paths.install / "share/init" / NAME
        self._tool = tool

    def reload(self) -> None:
        """See Boot: there is nothing to read."""

    def enable(self) -> None:
        """See Boot."""
        self._host.write_link(self._link, str(self._script))
        self._run(("chkconfig", "--add", NAME) if self._tool == "chkconfig" else ("update-rc.d", NAME, "defaults"))

    def disable(self) -> None:
        """See Boot."""
        if self._tool == "chkconfig":
            self._run(("chkconfig", "--del", NAME))
        self._host.remove_file(self._link)
        if self._tool != "chkconfig":
            self._run(("update-rc.d", NAME, "remove"))

    def stop(self) -> None:
        """See Boot."""
        self._run((str(self._script), "stop"), timeout_s=_STOP_S)

    def _run(self, argv: tuple[str, ...], timeout_s: float = _QUICK_S) -> None:
        self._runner.run(Command(argv=argv, timeout_s=timeout_s))


class NoInit:
    """No init system that we know, as in most containers: whoever runs this tree starts the supervisor."""

    def reload(self) -> None:
        """See Boot: there is nothing to read."""

    def enable(self) -> None:
        """See Boot: there is nothing to enable."""

    def disable(self) -> None:
        """See Boot: there is nothing to disable."""

    def stop(self) -> None:
        """See Boot: nobody but `supervisor` knows of what runs."""


def find_boot(runner: Runner, host: Host, paths: Paths) -> Boot:
    """Return how this machine, or the machine whose tree this is, boots."""

    def is_there(name: str) -> bool:
        return host.observe(paths.root / name, through_link=True).kind is not Kind.MISSING

    programs = [folder / name for folder in map(Path, ("usr/sbin", "sbin", "usr/bin", "bin")) for name in _TOOLS]
    found = {path.name for path in programs if is_there(str(path))}
    running = host.observe(paths.root / "run/systemd/system").kind is Kind.FOLDER
    if running or ("systemctl" in found and is_there("lib/systemd/systemd")):
        return Systemd(runner, running=running)
    tool = next((name for name in ("update-rc.d", "chkconfig") if name in found), "")
    if tool and is_there("etc/init.d") and is_there("sbin/init"):
        return InitScript(runner, host, paths, tool=tool)
    return NoInit()


_TOOLS = ("systemctl", "update-rc.d", "chkconfig")


def stop_all(boot: Boot, supervisor: SupervisorProcess) -> None:
    """Stop the supervisor and its services, whoever started it; ServiceFailed when they do not end."""
    boot.stop()
    if supervisor.is_running():
        supervisor.stop()
