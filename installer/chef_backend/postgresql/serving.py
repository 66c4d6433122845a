"""Where a running server is reached: at what it was started with, until it is restarted with what its files say now."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

_PID_FILE: Final = "postmaster.pid"
# https://doxygen.postgresql.org/pidfile_8h_source.html
_PORT_LINE: Final = 3
_LONGEST: Final = 4096
# Its folder is the server's own user's, and the reader may be root: no link is followed, no pipe waited for.
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def serving_port(data_folder: Path, configured: int) -> int:
    """Return the port of the server that runs with this data, or ran with it last; `configured` where none is known."""
    with suppress(OSError, ValueError, IndexError):
        descriptor = os.open(data_folder / _PID_FILE, _READ)
        try:
            return int(os.read(descriptor, _LONGEST).splitlines()[_PORT_LINE])
        finally:
            os.close(descriptor)
    return configured
