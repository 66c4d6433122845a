"""What keeps a small process running while a machine is short of memory or of processors, as far as it may."""

from __future__ import annotations

import ctypes
import os
import resource
from contextlib import suppress
from typing import Final

# <bits/mman-linux.h>
_MCL_CURRENT: Final = 1
_MCL_FUTURE: Final = 2
_NICEST: Final = -20


def harden() -> list[str]:
    """Stay in memory, and come first when there is work; return in a few words each what was possible."""
    return [*_locked(), *_first()]


def _locked() -> list[str]:
    """Lock what is there; what comes later only where there is no limit, at which every allocation would fail."""
    unlimited = resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] == resource.RLIM_INFINITY
    flags = _MCL_CURRENT | (_MCL_FUTURE if unlimited else 0)
    return ["in memory"] if ctypes.CDLL(None, use_errno=True).mlockall(flags) == 0 else []


def _first() -> list[str]:
    with suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        return ["in real time"]
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, _NICEST)
        return [f"at nice {_NICEST}"]
    return []
