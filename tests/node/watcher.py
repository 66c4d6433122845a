"""Runs on a host during a test: notes every command line and environment of every process, until it is told to end.

usage: python3 watcher.py RESULT STARTED

It writes its process id into STARTED once it looks; at SIGTERM it writes what it saw into RESULT, and ends.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

_PAUSE_S = 0.002


def main(result: Path, started: Path) -> None:
    """Look until told to end; of a process that ends within a pause nothing may be seen."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    seen: set[bytes] = set()
    looks = 0
    while not signal.sigtimedwait({signal.SIGTERM}, _PAUSE_S):
        for process in Path("/proc").glob("[0-9]*"):
            for name in ("cmdline", "environ"):
                with suppress(OSError):
                    seen.add((process / name).read_bytes())
        looks += 1
        if looks == 1:
            started.write_text(str(os.getpid()), encoding="ascii")
    unfinished = result.with_suffix(".part")
    unfinished.write_bytes(b"\n".join([b"%d looks" % looks, *sorted(seen)]))
    unfinished.rename(result)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
