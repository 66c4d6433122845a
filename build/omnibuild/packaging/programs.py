"""The programs that packaging runs: nfpm, dpkg-deb, rpm; all end when packaging is given up."""

from __future__ import annotations

import contextlib
import fcntl
import subprocess
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from omnibuild.errors import HostLacks, Interrupted, PackagingFailed
from omnibuild.files import is_full

TIMEOUT_S = 3600
# With the usual 64 KiB, a program and its reader wait for each other all the time, see pipe(7).
_PIPE = 1 << 20


class Programs:
    """Running programs, which may be started from several threads and ended from another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._ended = False

    def end(self) -> None:
        """Kill what runs; whatever is started from now on is not."""
        with self._lock:
            self._ended = True
            for process in self._running:
                process.kill()

    def go_on(self) -> None:
        """Raise Interrupted once packaging was given up: for who works long without a program."""
        if self._ended:
            raise Interrupted("packaging was interrupted")

    @contextlib.contextmanager
    def started(
        self, argv: list[str], *, environment: Mapping[str, str], cwd: Path | None = None
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Start a program with exactly this environment and piped output; it is over when the context is left."""
        with self._lock:
            self.go_on()
            process = subprocess.Popen(
                argv,
                cwd=cwd,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            self._running.add(process)
        _widen(process)
        try:
            with process:
                try:
                    yield process
                finally:
                    process.kill()
        finally:
            with self._lock:
                self._running.discard(process)

    def run(self, argv: list[str], *, cwd: Path, environment: Mapping[str, str], timeout_s: float = TIMEOUT_S) -> bytes:
        """Run a program to its end and return its stdout.

        Raises PackagingFailed with the command and its last lines of output if it fails, HostLacks on a full disk.
        """
        with self.started(argv, environment=environment, cwd=cwd) as process:
            try:
                output, errors = process.communicate(timeout=timeout_s)
            except subprocess.TimeoutExpired as error:
                raise PackagingFailed(f"{' '.join(argv)}: still running after {timeout_s:g} s") from error
        if process.returncode:
            lines = [line.rstrip() for line in (errors + output).decode(errors="replace").splitlines()]
            said = "".join(f"\n  {line}" for line in [line for line in lines if line][-10:])
            if is_full(cwd) or "no space left on device" in " ".join(said.lower().split()):  # nfpm breaks lines
                raise HostLacks(f"{cwd}: the disk is full{said}", hint="free some disk space")
            raise PackagingFailed(
                f"{' '.join(argv)}: exit code {process.returncode}{said}",
                hint="a path named above may have vanished",
            )
        return output


def _widen(process: subprocess.Popen[bytes]) -> None:
    """Enlarge the pipe of its output, where this user may: that is quicker, and no more."""
    assert process.stdout is not None  # noqa: S101 - stdout=PIPE
    with contextlib.suppress(OSError):
        fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, _PIPE)
