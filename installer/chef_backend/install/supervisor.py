"""The supervisor that runs now, whoever started it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from chef_backend.base.clock import Clock, wait_for
from chef_backend.base.errors import CommandFailed, ServiceFailed, TimedOut
from chef_backend.base.paths import Paths
from chef_backend.base.proc import Command, Runner

_STOP_S = 240
_END_S = 30.0


class Supervisor(Protocol):
    """The process that runs all services of this node."""

    def is_running(self) -> bool:
        """Tell whether there is one."""
        ...

    def stop(self) -> None:
        """Stop every service, then the supervisor; ServiceFailed when they do not end."""
        ...


class RunningSupervisor:
    """The runsvdir processes of this very file system, of which a host of containers sees more."""

    def __init__(self, runner: Runner, paths: Paths, clock: Clock) -> None:
        self._runner = runner
        self._paths = paths
        self._clock = clock

    def is_running(self) -> bool:
        """See Supervisor."""
        return any(self._pids())

    def stop(self) -> None:
        """See Supervisor."""
        try:
            self._stop_services()
            for pid in self._pids():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGHUP)
            wait_for(
                "the supervisor to end", lambda: not self.is_running(), within_s=_END_S, clock=self._clock, every_s=0.1
            )
        except (CommandFailed, TimedOut) as error:
            raise ServiceFailed(
                f"the services do not stop, so their files cannot be removed\n{error.message}",
                hint="see what still runs (chef-backend-ctl status), stop it, then remove the package again",
            ) from None

    def _stop_services(self) -> None:
        enabled = sorted(str(item) for item in self._paths.service.iterdir()) if self._paths.service.is_dir() else []
        if enabled:
            sv = str(self._paths.embedded_bin / "sv")
            self._runner.run(Command(argv=(sv, "-w", str(_STOP_S), "stop", *enabled), timeout_s=_STOP_S * 2))

    def _pids(self) -> Iterator[int]:
        ours = self._paths.root.stat()
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
                root = (process / "root").stat()
                is_ours = (root.st_dev, root.st_ino) == (ours.st_dev, ours.st_ino)
                if is_ours and Path(words[0]).name == "runsvdir" and str(self._paths.service) in words:
                    yield int(process.name)
