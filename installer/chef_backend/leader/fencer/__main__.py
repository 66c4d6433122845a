"""`python -m chef_backend.leader.fencer`: started by leaderl, with a socket that already listens."""

from __future__ import annotations

import argparse
import signal
import socket
import sys
from pathlib import Path

from chef_backend.base.clock import SystemClock
from chef_backend.leader.fence import LocalFence, Sentinels
from chef_backend.leader.fencer.harden import harden
from chef_backend.leader.fencer.serve import Fencer
from chef_backend.leader.guard import Guard
from chef_backend.leader.journal import Journal, written_to

_LINES_PER_S = 100


def main() -> int:
    """Guard until nobody needs it; return the exit code."""
    parser = argparse.ArgumentParser(prog="leaderl-fencer", description="End PostgreSQL when a leadership ends.")
    for name in ("socket", "data", "no-start", "may-start"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    for name in ("listener", "inode"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--fence-s", type=float, required=True)
    given = parser.parse_args()
    # Whoever ends everything ends PostgreSQL, too: until then there is something to guard.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    clock = SystemClock()
    say = Journal(written_to(sys.stdout.fileno()), clock, _LINES_PER_S).of("leader_fencer")
    fence = LocalFence(Sentinels(given.no_start, given.may_start), given.data, clock)
    guard = Guard(fence, clock, given.fence_s, say)
    say("I", f"started, {', '.join(harden()) or 'as any process'}")
    listener = socket.socket(fileno=given.listener)
    Fencer(listener, given.socket, given.inode, guard).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
