"""The supervisor itself: the process that runs all services of this node, whoever started it."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from chef_backend.base.atomic import translated
from chef_backend.base.clock import Clock, wait_for
from chef_backend.base.errors import CommandFailed, ServiceFailed, TimedOut
from chef_backend.base.folders import Access, make_folder, opened_folder
from chef_backend.base.paths import Paths
from chef_backend.base.proc import BASE_ENVIRONMENT, Command, Runner
from chef_backend.supervise.runit import RunitSupervisor

NAME = "chef-backend-runsvdir-start"
_START_S = 60.0
_STOP_S = 240
_END_S = 30.0
_APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC


class SupervisorProcess(Protocol):
    """The process that runs all services of this node."""

    def is_running(self) -> bool:
        """Tell whether there is one."""
        ...

    def start(self) -> None:
        """Start it where it does not run; it outlives its starter. ServiceFailed when it does not come up."""
        ...

    def stop(self) -> None:
        """Stop every service, then the supervisor; ServiceFailed when they do not end."""
        ...


class Runsvdir:
    """The runsvdir processes of this very file system, of which a host of containers sees more."""

    def __init__(self, runner: Runner, paths: Paths, clock: Clock) -> None:
        self._runner = runner
        self._paths = paths
        self._clock = clock

    def is_running(self) -> bool:
        """See SupervisorProcess."""
        return any(self._pids())

    def start(self) -> None:
        """See SupervisorProcess: by systemd, by the init script, or as a process without a terminal of its own."""
        if self.is_running():
            return
        script = self._paths.root / "etc/init.d" / NAME
        try:
            if (self._paths.root / "run/systemd/system").is_dir():
                self._runner.run(Command(argv=("systemctl", "start", f"{NAME}.service"), timeout_s=_START_S))
            elif script.exists():
                self._runner.run(Command(argv=(str(script), "start"), timeout_s=_START_S, umask=0o022))
            else:
                self._spawn()
            wait_for("the supervisor to start", self.is_running, within_s=_END_S, clock=self._clock, every_s=0.1)
        except (CommandFailed, TimedOut) as error:
            raise ServiceFailed(
                f"the supervisor of the services does not start\n{error.message}",
                hint=f"see journalctl -u {NAME}, or run {self._program} to see it fail",
            ) from None

    def stop(self) -> None:
        """See SupervisorProcess."""
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
                f"the services do not stop\n{error.message}",
                hint="see what still runs (chef-backend-ctl status), stop it, then run this again",
            ) from None

    @property
    def _program(self) -> Path:
        return self._paths.embedded_bin / "runsvdir-start"

    def _spawn(self) -> None:
        """Start it in a session of its own; what it says goes to a log that only root can open."""
        log = self._paths.logs / "runsvdir.log"
        with translated(log):
            with suppress(FileExistsError):
                make_folder(log.parent, Access(os.geteuid(), os.getegid(), 0o755))
            with opened_folder(log.parent) as folder:
                descriptor = os.open(log.name, _APPEND, 0o600, dir_fd=folder)
        try:
            subprocess.Popen(
                [str(self._program)],
                cwd="/",
                env=dict(BASE_ENVIRONMENT),
                stdin=subprocess.DEVNULL,
                stdout=descriptor,
                stderr=descriptor,
                start_new_session=True,
                umask=0o022,
            )
        except OSError as error:
            raise CommandFailed(f"{self._program} could not be started: {error.strerror}") from None
        finally:
            os.close(descriptor)

    def _stop_services(self) -> None:
        """Stop what is supervised; a service that nobody watches does not run, and sv would fail for it."""
        supervisor = RunitSupervisor(self._paths)
        running = [name for name in supervisor.enabled() if supervisor.state(name) is not None]
        if running:
            argv = (str(self._paths.embedded_bin / "sv"), "-w", str(_STOP_S), "stop")
            folders = (str(self._paths.service / name) for name in running)
            self._runner.run(Command(argv=(*argv, *folders), timeout_s=_STOP_S * 2))

    def _pids(self) -> Iterator[int]:
        ours = self._paths.root.stat()
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
                root = (process / "root").stat()
                is_ours = (root.st_dev, root.st_ino) == (ours.st_dev, ours.st_ino)
                if is_ours and Path(words[0]).name == "runsvdir" and str(self._paths.service) in words:
                    yield int(process.name)
