"""What runsv writes about a service, read. Pure; see runsv(8), "supervise/status"."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import StrEnum

STATUS_BYTES = 20
_LAYOUT = struct.Struct(">QI")
_PID = struct.Struct("<I")
# A TAI64 label counts from 1970 in TAI, which runit takes to be 10 s ahead of the system's clock.
_EPOCH = (1 << 62) + 10
_WANTS = {ord("u"): "up", ord("d"): "down"}


class Phase(StrEnum):
    """What a process is at: its program, its `finish` script, or nothing."""

    DOWN = "down"
    RUN = "run"
    FINISH = "finish"


_PHASES = (Phase.DOWN, Phase.RUN, Phase.FINISH)


class BadStatus(ValueError):
    """The bytes are not a status: runsv is about to write it, or it is another program's file."""


@dataclass(frozen=True, slots=True)
class Process:
    """One supervised program; `since` is in seconds of the epoch, `pid` 0 when it does not run."""

    phase: Phase
    pid: int
    since: float
    want: str = ""
    paused: bool = False
    got_term: bool = False

    def seconds(self, now: float) -> int:
        """Return the whole seconds in this phase; 0 when the clock was set back meanwhile."""
        return max(0, int(now - self.since))


@dataclass(frozen=True, slots=True)
class ServiceState:
    """A service and the program that writes its log; `normally_up` when it starts with the supervisor."""

    name: str
    process: Process
    normally_up: bool = True
    log: Process | None = None

    @property
    def is_up(self) -> bool:
        """Tell whether its program runs now."""
        return self.process.phase is Phase.RUN


def parse_status(content: bytes) -> Process:
    """Read the 20 bytes of a status file. Raises BadStatus."""
    if len(content) != STATUS_BYTES or content[19] >= len(_PHASES):
        raise BadStatus(f"{len(content)} bytes are no status of runsv")
    seconds, nanoseconds = _LAYOUT.unpack_from(content)
    (pid,) = _PID.unpack_from(content, 12)
    since = seconds - _EPOCH + nanoseconds / 1e9
    return Process(_PHASES[content[19]], pid, since, _WANTS.get(content[17], ""), bool(content[16]), bool(content[18]))


def status_bytes(process: Process) -> bytes:
    """Write what `parse_status` reads; a time before 1970 is 1970."""
    seconds, fraction = divmod(max(0.0, process.since), 1)
    want = {"up": ord("u"), "down": ord("d")}.get(process.want, 0)
    head = _LAYOUT.pack(int(seconds) + _EPOCH, int(fraction * 1e9)) + _PID.pack(process.pid)
    return head + bytes((process.paused, want, process.got_term, _PHASES.index(process.phase)))
