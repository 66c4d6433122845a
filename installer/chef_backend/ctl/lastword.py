"""A program's word for when it is late, whatever holds it up: its own imports, on a machine that is too busy for them.

A time limit that begins with what is waited for would come as late as all the rest.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NoReturn

# https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: `starttime`, counted after the name in brackets
_STARTED: Final = 19
_AT_ONCE_S: Final = 0.001


@contextmanager
def last_word(text: str, code: int, within_s: float) -> Iterator[None]:
    """Have this process print a text and end with a code if it is still in here after so many seconds."""

    def end(_number: int, _frame: object) -> NoReturn:
        os.write(1, text.encode())
        os._exit(code)

    signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, max(_AT_ONCE_S, within_s))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def process_age_s() -> float:
    """Return how long this process has been there."""
    words = Path("/proc/self/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    return time.clock_gettime(time.CLOCK_BOOTTIME) - int(words[_STARTED]) / os.sysconf("SC_CLK_TCK")
