"""The real supervisor: the files and pipes that runsv keeps in each service's folder."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

from chef_backend.base.errors import NotPermitted
from chef_backend.base.paths import Paths
from chef_backend.supervise.state import STATUS_BYTES, BadStatus, Process, ServiceState, parse_status
from chef_backend.supervise.supervisor import Order

# ENXIO: the pipe is there, but no runsv reads it; ENOENT: none ever did.
_NOT_SUPERVISED = {errno.ENXIO, errno.ENOENT, errno.ENOTDIR}


class RunitSupervisor:
    """The services below these paths. Reads and writes need root: runsv keeps its folder to its owner."""

    def __init__(self, paths: Paths) -> None:
        self._sv = paths.sv
        self._service = paths.service

    def defined(self) -> tuple[str, ...]:
        """See Supervisor."""
        return _names(self._sv)

    def enabled(self) -> tuple[str, ...]:
        """See Supervisor."""
        return _names(self._service)

    def state(self, service: str) -> ServiceState | None:
        """See Supervisor."""
        folder = self._service / service
        process = _process(folder)
        if process is None:
            return None
        return ServiceState(service, process, not (folder / "down").exists(), _process(folder / "log"))

    def send(self, service: str, order: Order) -> bool:
        """See Supervisor."""
        return _tell(self._service / service / "supervise/control", order.value)


def _names(folder: Path) -> tuple[str, ...]:
    """Return the folders (and links to such) in a folder; what runsvdir does not take is left out."""
    with suppress(FileNotFoundError):
        return tuple(sorted(item.name for item in folder.iterdir() if item.name[0] != "." and item.is_dir()))
    return ()


def _process(folder: Path) -> Process | None:
    if not _tell(folder / "supervise/ok", b""):
        return None
    try:
        return parse_status((folder / "supervise/status").read_bytes()[:STATUS_BYTES])
    except (FileNotFoundError, BadStatus):  # runsv just starts: its next look at it will be right
        return None


def _tell(pipe: Path, orders: bytes) -> bool:
    """Write to a pipe of runsv; False when no runsv reads it."""
    try:
        descriptor = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except PermissionError:
        raise NotPermitted(f"{pipe} is root's alone", hint="run the command as root") from None
    except OSError as error:
        if error.errno in _NOT_SUPERVISED:
            return False
        raise
    with os.fdopen(descriptor, "wb", buffering=0) as stream:
        stream.write(orders)
    return True
