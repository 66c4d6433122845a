"""PostgreSQL's first process, which is of this user too: found by its data directory, watched, and sent signals."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class Postmaster:
    """The process that serves a data directory, if there is one; for several threads at once."""

    def __init__(self, data_folder: Path) -> None:
        self._data_folder = data_folder

    def runs(self) -> bool:
        """Tell whether there is one."""
        with self._process() as process:
            return process is not None

    def is_there(self) -> bool:
        """Tell whether there is one, or a server for a single user: that has its number with a minus."""
        try:
            pid = int(self._lines()[0])
        except (OSError, ValueError):
            return False
        return self.runs() or (pid < 0 and _is_at(-pid, self._data_folder))

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if there is one; whether it did anything is seen by what becomes of it."""
        with self._process() as process, suppress(OSError):
            if process is not None:
                signal.pidfd_send_signal(process, number)

    def open(self) -> int | None:
        """Return a descriptor that becomes readable when the process ends; the caller closes it."""
        try:
            pid = int(self._lines()[0])
            process = os.pidfd_open(pid)
        except (OSError, ValueError):
            return None
        # Only now, when the number cannot become another process's any more: is it the one?
        if _is_at(pid, self._data_folder) and not has_ended(process):
            return process
        os.close(process)
        return None

    def _lines(self) -> list[str]:
        return (self._data_folder / "postmaster.pid").read_text(encoding="ascii", errors="replace").split("\n")

    @contextmanager
    def _process(self) -> Iterator[int | None]:
        process = self.open()
        try:
            yield process
        finally:
            if process is not None:
                os.close(process)


def has_ended(process: int) -> bool:
    """Tell whether the process of a descriptor has ended, be it waited for or not."""
    waiting = select.poll()
    waiting.register(process, select.POLLIN)
    return bool(waiting.poll(0))


def _is_at(pid: int, data_folder: Path) -> bool:
    """Tell whether a process's current directory is PostgreSQL's: after a reboot its number may be anybody's."""
    try:
        return Path(f"/proc/{pid}/cwd").samefile(data_folder)
    except OSError:
        return False
