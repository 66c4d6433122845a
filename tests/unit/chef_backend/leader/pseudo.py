"""Processes that look like a PostgreSQL server: by their program's name, their folder, and postmaster.pid."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from chef_backend.base.clock import SystemClock
from chef_backend.leader import processes
from chef_backend.leader.fence import Sentinels

# Ends by INT like a server, or by nothing but KILL; a line on its output says that it is set up.
_SERVER = "trap 'exit 0' INT; echo; while :; do sleep 0.1; done"
_STUBBORN = "trap '' INT QUIT TERM; echo; while :; do sleep 0.1; done"


@dataclass
class Slept(SystemClock):
    """A clock that counts what was slept: the same however busy the machine is."""

    passed_s: float = 0.0

    def monotonic(self) -> float:
        """Return the seconds slept."""
        return self.passed_s

    def sleep(self, seconds: float) -> None:
        """Sleep, and count it."""
        super().sleep(seconds)
        self.passed_s += max(0.0, seconds)


@dataclass
class PseudoServer:
    """A data directory below `folder`, and what runs in it."""

    folder: Path
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.data = self.folder / "data"
        self.data.mkdir()
        self.program = self.folder / "postgres"
        shutil.copy("/bin/sh", self.program)
        self.sentinels = Sentinels(self.folder / "no-start-pgsql", self.folder / "may-start")

    def start(self, *, stubborn: bool = False, is_first: bool = True) -> subprocess.Popen[bytes]:
        """Start a process; the first one of a server is in postmaster.pid."""
        script = _STUBBORN if stubborn else _SERVER
        title = str(self.program) if is_first else "postgres: checkpointer"
        argv = [title, "-c", script]
        child = subprocess.Popen(argv, executable=self.program, cwd=self.data, stdout=subprocess.PIPE)
        self.started.append(child)
        assert child.stdout is not None
        child.stdout.readline()
        if is_first:
            (self.data / "postmaster.pid").write_text(f"{child.pid}\n{self.data}\n")
        return child

    def runs(self) -> bool:
        return processes.running(self.data) > 0

    def stop(self) -> None:
        for child in self.started:
            with suppress(ProcessLookupError):
                os.kill(child.pid, signal.SIGKILL)
            child.communicate()
