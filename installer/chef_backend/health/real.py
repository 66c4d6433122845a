"""This machine as the probes see it."""

from __future__ import annotations

import ctypes
import os
import pwd
import socket
import tempfile
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import requests

from chef_backend.base.errors import CommandFailed
from chef_backend.base.proc import Command, Runner
from chef_backend.cluster.ports import Holder, holders
from chef_backend.health.world import Disk

_MIB: Final = 2**20
_ASKED_S: Final = 3.0
_MICROSECONDS: Final = 1_000_000
# As etcd's records: a few times the smallest block, at the end of a file that has its size already.
_RECORD: Final = bytes(2300)
_RECORDS: Final = 200
_LEAST_RECORDS: Final = 10
_ROUND_S: Final = 0.5


class Timex(ctypes.Structure):
    """The beginning of struct timex, and room for the rest: see adjtimex(2)."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("rest", ctypes.c_byte * 256),
    )


class RealWorld:
    """See World."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    def read(self, path: str) -> str:
        """See World."""
        with suppress(OSError):
            return Path(path).read_text(encoding="utf-8", errors="replace")
        return ""

    def programs(self) -> frozenset[str]:
        """See World."""
        return frozenset(self.read(str(path)).strip() for path in Path("/proc").glob("[0-9]*/comm"))

    def asked(self, *argv: str) -> str | None:
        """See World."""
        with suppress(CommandFailed):
            return self._runner.run(Command(argv=argv, timeout_s=_ASKED_S)).out
        return None

    def disk(self, path: Path) -> Disk:
        """See World."""
        place = _there(path)
        found = os.statvfs(place)
        return Disk(place, found.f_bavail * found.f_frsize // _MIB, found.f_files, found.f_favail)

    def sync_times_s(self, path: Path) -> tuple[float, ...]:
        """See World. The file has no name, so nothing is left of it however this ends."""
        times: list[float] = []
        with tempfile.TemporaryFile(dir=_there(path)) as file:
            os.posix_fallocate(file.fileno(), 0, _RECORDS * len(_RECORD))
            end = time.monotonic() + _ROUND_S
            for number in range(_RECORDS):
                began = time.monotonic()
                os.pwrite(file.fileno(), _RECORD, number * len(_RECORD))
                os.fdatasync(file.fileno())
                times.append(time.monotonic() - began)
                if time.monotonic() > end and len(times) >= _LEAST_RECORDS:
                    break
        return tuple(times)

    def addresses_of(self, name: str) -> tuple[str, ...]:
        """See World."""
        with suppress(OSError, UnicodeError):
            found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
            return tuple(dict.fromkeys(str(item[4][0]) for item in found))
        return ()

    def clock_error_s(self) -> float | None:
        """See World. `modes` is 0, which changes nothing."""
        told = Timex()
        if ctypes.CDLL(None).adjtimex(ctypes.byref(told)) < 0:
            return None
        return int(told.maxerror) / _MICROSECONDS

    def holders(self, ports: Iterable[int]) -> Mapping[int, Holder]:
        """See World."""
        return holders(ports)

    def page(self, address: str) -> str:
        """See World."""
        with requests.Session() as session, suppress(requests.RequestException):
            session.trust_env = False  # a proxy of the environment is not for this node's own services
            return session.get(address, timeout=_ASKED_S, allow_redirects=False).text
        return ""

    def knows_user(self, name: str) -> bool:
        """See World."""
        with suppress(KeyError):
            return pwd.getpwnam(name) is not None
        return False


def _there(path: Path) -> Path:
    """Return the part of a path that exists, without links."""
    return next(each.resolve() for each in (path, *path.parents) if each.exists())
