"""Runs programs as children and says what each took: wall and processor time, and memory."""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_SAMPLE_S = 0.05
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Failed(Exception):
    """A measured program failed; its last lines say why."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One run: seconds; ``largest`` process and ``together`` all at once, in resident bytes.

    ``load`` is the machine's load average just before; ``written`` is the size of the package.
    """

    wall_s: float
    cpu_s: float
    largest: int = 0
    together: int = 0
    load: float = 0.0
    written: int = 0


@dataclass(slots=True)
class Series:
    """All runs of one thing under one name."""

    name: str
    samples: list[Sample] = field(default_factory=list)

    @property
    def median_s(self) -> float:
        """The median wall time."""
        return statistics.median(sample.wall_s for sample in self.samples)

    @property
    def range_s(self) -> tuple[float, float]:
        """The shortest and the longest wall time."""
        walls = [sample.wall_s for sample in self.samples]
        return min(walls), max(walls)

    @property
    def together(self) -> int:
        """The most resident bytes of all its processes at once, in any run."""
        return max(sample.together for sample in self.samples)


def measure(
    argv: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    output: Path | None = None,
) -> Sample:
    """Run a program to its end and return what it took; Failed if it fails.

    ``environment`` is added to this process's; ``output`` receives stdout.
    """
    load = os.getloadavg()[0]
    with contextlib.ExitStack() as stack:
        log = stack.enter_context(_log())
        stdout = stack.enter_context(output.open("wb")) if output else log
        started = time.monotonic()
        process = subprocess.Popen(
            [str(word) for word in argv],
            cwd=cwd,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=log,
        )
        watch = _Watch(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        together = watch.end()
        if process.returncode:
            raise Failed(f"{' '.join(map(str, argv))}: exit code {process.returncode}\n{_tail(log)}")
    return Sample(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss << 10, together, load)


@contextlib.contextmanager
def _log() -> Iterator[int]:
    descriptor = os.memfd_create("output")
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _tail(log: int) -> str:
    size = os.fstat(log).st_size
    return os.pread(log, 4000, max(0, size - 4000)).decode(errors="replace")


class _Watch:
    """Looks at a process and its descendants every 50 ms, and keeps the largest sum of resident bytes."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._peak = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self) -> int:
        self._ended.set()
        self._thread.join()
        return self._peak

    def _run(self) -> None:
        while not self._ended.wait(_SAMPLE_S):
            self._peak = max(self._peak, sum(map(_resident, _family(self._pid))))


def _family(pid: int) -> Iterator[int]:
    yield pid
    with contextlib.suppress(OSError):
        for thread in os.scandir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError):
                for child in Path(thread.path, "children").read_text().split():
                    yield from _family(int(child))


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0
