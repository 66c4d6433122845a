"""GNU make's jobserver: one pool of job tokens that all running builds share.

https://www.gnu.org/software/make/manual/html_node/POSIX-Jobserver.html. The pipe form is used
because make 4.3 (Debian 11 and 12) does not know the named pipe of 4.4. Each build's make has
one job of its own besides the pool's, so ``components + jobs - 1`` jobs run at most.
"""

from __future__ import annotations

import os
from types import TracebackType
from typing import Self


class Jobserver:
    """A pool with ``jobs - 1`` tokens, as a context manager."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self._read, self._write = os.pipe()
        self.refill()

    @property
    def descriptors(self) -> tuple[int, int]:
        """The read and write ends, which every build inherits."""
        return self._read, self._write

    @property
    def makeflags(self) -> str:
        """The value of MAKEFLAGS that makes a build join the pool."""
        return f"-j{self.jobs} --jobserver-auth={self._read},{self._write}"

    def refill(self) -> None:
        """Fill the pool again: a killed make keeps its tokens. Only while no build runs."""
        os.set_blocking(self._read, False)
        try:
            while os.read(self._read, 4096):
                pass
        except BlockingIOError:
            pass
        os.set_blocking(self._read, True)
        os.write(self._write, b"+" * (self.jobs - 1))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._read)
        os.close(self._write)
