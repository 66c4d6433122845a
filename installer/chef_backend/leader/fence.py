"""The fence around PostgreSQL: it is kept from starting by a file that its run script waits for, and ended."""

from __future__ import annotations

import json
import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from chef_backend.base.clock import Clock, wait_for
from chef_backend.base.errors import TimedOut
from chef_backend.leader.model import Barrier
from chef_backend.leader.postmaster import Postmaster

FORMAT: Final = 1
_EVERY_S: Final = 0.05


class Fence(Protocol):
    """What keeps PostgreSQL from taking writes; `close` and `open` are called by one thread at a time."""

    def barrier(self) -> Barrier:
        """Tell what keeps PostgreSQL from starting."""
        ...

    def close(self, reason: str) -> bool:
        """Keep it from starting and end it; tell whether no process of it is left."""
        ...

    def open(self) -> None:
        """Let it start, unless it was not this fence that kept it; the supervisor starts it within about a second."""
        ...


class LocalFence:
    """The file no-start-pgsql, which PostgreSQL's run script waits for, and signals to the server.

    Half of `within_s` is for a fast shutdown, after that it is an immediate one; then as long again.
    """

    def __init__(self, no_start_file: Path, data_folder: Path, clock: Clock, within_s: float) -> None:
        self._file = no_start_file
        self._postmaster = Postmaster(data_folder)
        self._clock = clock
        self._within_s = within_s
        self._is_ours = False

    def barrier(self) -> Barrier:
        """See Fence; a file without our own text is somebody else's."""
        try:
            found = json.loads(self._file.read_bytes())
        except FileNotFoundError:
            return Barrier.NONE
        except (OSError, ValueError):
            found = None
        ours = self._is_ours or (isinstance(found, dict) and found.get("by") == "leaderl")
        return Barrier.OURS if ours else Barrier.FOREIGN

    def close(self, reason: str) -> bool:
        """See Fence; where the file cannot be written the server is ended all the same."""
        with suppress(OSError):
            self._write(reason)
        for number, within_s in ((signal.SIGINT, self._within_s / 2), (signal.SIGQUIT, self._within_s)):
            self._postmaster.send(number)
            with suppress(TimedOut):
                wait_for("PostgreSQL to end", self._is_gone, within_s=within_s, clock=self._clock, every_s=_EVERY_S)
                return True
        return self._is_gone()

    def open(self) -> None:
        """See Fence."""
        if self.barrier() is Barrier.OURS:
            self._file.unlink(missing_ok=True)
            self._is_ours = False

    def _is_gone(self) -> bool:
        return not self._postmaster.runs()

    def _write(self, reason: str) -> None:
        """Make the file, unless it is there, so that it survives a power cut."""
        try:
            stream = self._file.open("xb")
        except FileExistsError:
            return
        self._is_ours = True
        with stream:
            document = {"format": FORMAT, "by": "leaderl", "at": self._clock.now().isoformat(), "reason": reason}
            stream.write(json.dumps(document).encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        folder = os.open(self._file.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
