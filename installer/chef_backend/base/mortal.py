"""Runs a program that ends with whoever started it, even by SIGKILL: `mortal.py PARENT PROGRAM [ARGUMENT …]`.

A process of its own asks the kernel for that: between fork and exec, Python may run nothing in a program with threads,
and a change of the user, which comes before this, would undo it. setpriv(1) can do it only from util-linux 2.33 on,
which RHEL 8 has not. It uses nothing of ours, so that it starts at once.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

# <linux/prctl.h>; what it asks for stays through exec: https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html
_PR_SET_PDEATHSIG = 1
_NOT_STARTED = 127


def main(parent: str, *argv: str) -> int:
    """Become the program `argv`; return only where that cannot be, or where the parent has already ended."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):
        return _NOT_STARTED
    try:
        os.execvp(argv[0], argv)  # noqa: S606 - an argv list, no shell
    except OSError as error:
        sys.stderr.write(f"could not be started: {error.strerror} ({argv[0]})\n")
    return _NOT_STARTED


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
