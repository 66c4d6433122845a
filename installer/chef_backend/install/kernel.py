"""The kernel setting without which Elasticsearch starts on no address but the loopback."""

from __future__ import annotations

from typing import Protocol

from chef_backend.base.errors import CommandFailed
from chef_backend.base.paths import Paths
from chef_backend.base.proc import Command, Runner
from chef_backend.install.steps import MAP_COUNT

_TIMEOUT_S = 10.0


class Kernel(Protocol):
    """vm.max_map_count of the running kernel."""

    def map_count(self) -> int:
        """Return it; MAP_COUNT where it cannot be read, as then nothing is known to be wrong."""
        ...

    def raise_map_count(self) -> bool:
        """Raise it to what the package's own file says, and tell whether it is there now."""
        ...


class RunningKernel:
    """The kernel of this machine, which in a container is the host's."""

    def __init__(self, runner: Runner, paths: Paths) -> None:
        self._runner = runner
        self._paths = paths

    def map_count(self) -> int:
        """See Kernel."""
        try:
            return int((self._paths.root / "proc/sys/vm/max_map_count").read_text())
        except (OSError, ValueError):
            return MAP_COUNT

    def raise_map_count(self) -> bool:
        """See Kernel."""
        argv = ("sysctl", "--quiet", f"--load={self._paths.sysctl}")
        try:
            self._runner.run(Command(argv=argv, timeout_s=_TIMEOUT_S))
        except CommandFailed:
            return False
        return self.map_count() >= MAP_COUNT
