"""The fence around PostgreSQL: what it needs to start is taken away, and the server ended, in a time that is known."""

from __future__ import annotations

import json
import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from chef_backend.base.atomic import write_file
from chef_backend.base.clock import Clock, wait_for
from chef_backend.base.errors import ChefBackendError, TimedOut
from chef_backend.base.folders import Access
from chef_backend.leader import processes
from chef_backend.leader.model import Barrier
from chef_backend.leader.postmaster import Postmaster
from chef_backend.postgresql.standby import follows

FORMAT: Final = 1
_EVERY_S: Final = 0.05
# Of the time that there is: a fast shutdown, then an immediate one; what is left after that is killed.
_FAST: Final = 0.5
_IMMEDIATE: Final = 0.8
# How long killed processes may take to be gone: they may wait for a disk.
_KILLED_S: Final = 1.0


class Fence(Protocol):
    """What keeps PostgreSQL from taking writes; `close` and `open` are called by one thread at a time."""

    def barrier(self) -> Barrier:
        """Tell what keeps PostgreSQL from starting."""
        ...

    def close(self, reason: str, within_s: float) -> bool:
        """Keep it from starting and end it; tell whether no process of it is left. After `within_s` it is killed."""
        ...

    def open(self) -> None:
        """Let it start, unless it is somebody else who keeps it; the supervisor starts it within about a second."""
        ...

    def is_breached(self) -> bool:
        """Tell whether a server that is no follower runs."""
        ...


@dataclass(frozen=True, slots=True)
class Sentinels:
    """The files that PostgreSQL's run script looks for.

    It does not start a leader's data without `may_start`, which no reboot outlives: a machine that comes back does not
    know who leads. It starts nothing while `no_start` is there, which a reboot outlives.
    """

    no_start: Path
    may_start: Path


class LocalFence:
    """The sentinels, and signals to the server's processes."""

    def __init__(self, sentinels: Sentinels, data_folder: Path, clock: Clock) -> None:
        self._sentinels = sentinels
        self._data_folder = data_folder
        self._postmaster = Postmaster(data_folder)
        self._clock = clock

    def barrier(self) -> Barrier:
        """See Fence; a file without our own text is somebody else's."""
        try:
            found = json.loads(self._sentinels.no_start.read_bytes())
        except FileNotFoundError:
            return Barrier.NONE if self._sentinels.may_start.exists() else Barrier.SHUT
        except (OSError, ValueError):
            return Barrier.FOREIGN
        return Barrier.OURS if isinstance(found, dict) and found.get("by") == "leaderl" else Barrier.FOREIGN

    def close(self, reason: str, within_s: float) -> bool:
        """See Fence."""
        with suppress(OSError):
            self._sentinels.may_start.unlink(missing_ok=True)
        ended = self._end(within_s)
        # Last: a disk that hangs must not hold the signals up. Where it is full, the other file is gone all the same.
        with suppress(ChefBackendError):
            self._write(reason)
        return ended

    def open(self) -> None:
        """See Fence."""
        if self.barrier() is Barrier.FOREIGN:
            return
        self._sentinels.no_start.unlink(missing_ok=True)
        self._sentinels.may_start.touch(0o644)

    def is_breached(self) -> bool:
        """See Fence; only what its first process tells: one without it is of a server that just ends."""
        return self._postmaster.runs() and not follows(self._data_folder)

    def _end(self, within_s: float) -> bool:
        began = self._clock.monotonic()
        for number, part in ((signal.SIGINT, _FAST), (signal.SIGQUIT, _IMMEDIATE)):
            self._postmaster.send(number)
            if self._ends_until(began + within_s * part):
                return True
        # The first one first: it cannot start another then.
        self._postmaster.send(signal.SIGKILL)
        return self._ends_until(began + within_s + _KILLED_S, kills=True)

    def _ends_until(self, deadline: float, *, kills: bool = False) -> bool:
        left = processes.kill if kills else processes.running
        with suppress(TimedOut):
            wait_for(
                "PostgreSQL to end",
                lambda: not left(self._data_folder),
                within_s=deadline - self._clock.monotonic(),
                clock=self._clock,
                every_s=_EVERY_S,
            )
            return True
        return False

    def _write(self, reason: str) -> None:
        """Make the file, unless it is there: whole or not at all, and so that it survives a power cut."""
        path = self._sentinels.no_start
        if path.exists():
            return
        document = {"format": FORMAT, "by": "leaderl", "at": self._clock.now().isoformat(), "reason": reason}
        write_file(path, json.dumps(document).encode() + b"\n", Access(os.geteuid(), os.getegid(), 0o644))
