"""Processes of the services' accounts that outlived their supervisor, and their end."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from chef_backend.base.clock import Clock, wait_for
from chef_backend.base.errors import ServiceFailed, TimedOut

_STARTED: Final = 19  # of the fields after the program's name: see proc(5), /proc/pid/stat
# INT is PostgreSQL's fast shutdown; TERM alone waits for its last client.
_SIGNALS: Final = ((signal.SIGTERM, 3.0), (signal.SIGINT, 15.0), (signal.SIGKILL, 10.0))
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Process:
    """A process: `program` is its executable, `started` tells it from a later one of the same number."""

    pid: int
    uid: int
    program: str
    started: int


class Processes(Protocol):
    """The processes of this file system; a host of containers has others, too."""

    def running(self) -> tuple[Process, ...]:
        """Return all but the caller."""
        ...

    def send(self, process: Process, number: signal.Signals) -> None:
        """Send a signal, if it is still this process."""
        ...


class KernelProcesses:
    """See Processes: those of /proc."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def running(self) -> tuple[Process, ...]:
        """See Processes."""
        return tuple(self._all())

    def send(self, process: Process, number: signal.Signals) -> None:
        """See Processes."""
        with suppress(ProcessLookupError):
            descriptor = os.pidfd_open(process.pid)
            try:
                if _look(Path("/proc", str(process.pid))) == process:
                    signal.pidfd_send_signal(descriptor, number)
            finally:
                os.close(descriptor)

    def _all(self) -> Iterator[Process]:
        ours = self._root.stat()
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                root = (folder / "root").stat()
                found = _look(folder)
                if found and (root.st_dev, root.st_ino) == (ours.st_dev, ours.st_ino) and found.pid != os.getpid():
                    yield found


@dataclass(frozen=True, slots=True)
class Accounts:
    """Accounts: all processes of `own` are the services', of `shared` those that run from `programs`."""

    own: frozenset[int]
    shared: frozenset[int]
    programs: Path

    def are_of(self, process: Process) -> bool:
        """Tell whether a process is a service's; root's never is."""
        if process.uid == 0:
            return False
        runs_ours = self.programs in Path(process.program).parents
        return process.uid in self.own or (process.uid in self.shared and runs_ours)


def end_all(processes: Processes, accounts: Accounts, clock: Clock) -> None:
    """End every process of the accounts, first asking; ServiceFailed when one does not end."""

    def left() -> list[Process]:
        return [process for process in processes.running() if accounts.are_of(process)]

    for number, within_s in _SIGNALS:
        for process in left():
            processes.send(process, number)
        with suppress(TimedOut):
            wait_for("them to end", lambda: not left(), within_s=within_s, clock=clock)
            return
    stuck = ", ".join(f"{process.pid} ({process.program})" for process in left()[:_SHOWN])
    raise ServiceFailed(
        f"processes of the services do not end, even when they are killed: {stuck}",
        hint="they wait for a disk or a network file system: see why (dmesg), or reboot; then run this again",
    )


def _look(folder: Path) -> Process | None:
    """Return a process of /proc, None for one that has ended and is not reaped yet."""
    try:
        # Not the folder's owner: that is root for a process that gave up rights without a new program.
        uid = next(line for line in (folder / "status").read_text().splitlines() if line.startswith("Uid:")).split()[2]
        fields = (folder / "stat").read_bytes().rpartition(b")")[2].split()
        program = str((folder / "exe").readlink()).removesuffix(" (deleted)")
    except FileNotFoundError:  # a kernel thread, too
        return None
    return Process(int(folder.name), int(uid), program, int(fields[_STARTED]))
