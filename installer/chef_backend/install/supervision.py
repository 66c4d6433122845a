"""The supervisor and what brings it up with the machine, as one: what runs now also runs after a reboot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from chef_backend.base.clock import Clock
from chef_backend.base.paths import Paths
from chef_backend.base.proc import Runner
from chef_backend.base.version import installed_version
from chef_backend.install.boot import Boot, find_boot, stop_all
from chef_backend.install.record import read_record, write_record
from chef_backend.resources.host import Host
from chef_backend.supervise.process import Runsvdir, SupervisorProcess


class Supervision:
    """See SupervisorProcess. What an administrator disabled stays so; what `retire` disabled, `start` enables again.

    `version` is noted where the package's own note is gone, so that an older package is still refused.
    """

    def __init__(
        self, process: SupervisorProcess, boot: Callable[[], Boot], host: Host, paths: Paths, *, version: str
    ) -> None:
        self._process = process
        self._boot = boot
        self._host = host
        self._paths = paths
        self._version = version

    def is_running(self) -> bool:
        """See SupervisorProcess."""
        return self._process.is_running()

    def start(self) -> None:
        """See SupervisorProcess: from now on it starts with the machine, too."""
        known = read_record(self._host, self._paths)
        if not known.enabled:
            self._boot().enable()
            noted = replace(known, version=known.version or self._version, enabled=True)
            write_record(self._host, self._paths, noted)
        self._process.start()

    def stop(self) -> None:
        """See SupervisorProcess."""
        stop_all(self._boot(), self._process)

    def retire(self) -> None:
        """Stop it with its services, and have it started with the machine no more; ServiceFailed."""
        self.stop()
        self._boot().disable()
        known = read_record(self._host, self._paths)
        if known.enabled:
            write_record(self._host, self._paths, replace(known, enabled=False))


def supervision(paths: Paths, runner: Runner, clock: Clock, host: Host) -> Supervision:
    """Return this machine's."""
    process = Runsvdir(runner, paths, clock)
    return Supervision(process, lambda: find_boot(runner, host, paths), host, paths, version=installed_version())
