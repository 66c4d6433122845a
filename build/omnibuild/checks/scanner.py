"""Examine many files, on every core.

The search runs in C but holds the interpreter's lock, so threads do not help: beyond a few
megabytes the work is shared with worker processes. They are started afresh rather than
forked, because the build's own threads may hold locks, and import nothing outside the
standard library but this package's readers.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from omnibuild.checks.content import PLAIN, Content, examine

_PER_FILE_BYTES = 64 * 1024  # opening and closing a file costs as much as searching this many bytes
_WORTH_A_WORKER_BYTES = 96 * 1024 * 1024
_START = "import sys; sys.path.insert(0, sys.argv[1]); from omnibuild.checks.scanner import work; work()"


@dataclass(frozen=True, slots=True)
class Task:
    """One file to examine: its digest, where it lies, and its size in bytes."""

    sha256: str
    path: str
    size: int

    @property
    def cost(self) -> int:
        """The work it makes, in bytes searched."""
        return self.size + _PER_FILE_BYTES


def scan(tasks: Iterable[Task], *, workers: int | None = None) -> Mapping[str, Content]:
    """Return the content of each noteworthy file by sha256; plain files are left out.

    ``workers`` is how many processes share the work (None: as many as pay off).
    """
    ordered = sorted(tasks, key=lambda task: task.cost, reverse=True)
    count = workers or _worth(sum(task.cost for task in ordered))
    shares = [ordered[index::count] for index in range(count)]
    with ExitStack() as stack:
        others = [_Worker.start(share, stack) for share in shares[1:]]
        found = examine_all(shares[0])
        for other in others:
            found.update(other.result())
    return found


def _worth(total_bytes: int) -> int:
    return max(1, min(len(os.sched_getaffinity(0)), total_bytes // _WORTH_A_WORKER_BYTES))


def examine_all(tasks: Iterable[Task]) -> dict[str, Content]:
    """Examine each file in this process; a file that cannot be read is noted as a fault."""
    found: dict[str, Content] = {}
    for task in tasks:
        content = _examine(task)
        if content is not PLAIN:
            found[task.sha256] = content
    return found


def _examine(task: Task) -> Content:
    try:
        data = _read(task)
    except OSError as error:
        return Content(fault=f"cannot be read: {error.strerror}")
    if len(data) != task.size:
        return Content(fault=f"its size is not the {task.size} bytes that were recorded")
    return examine(data)


def _read(task: Task) -> bytes:
    # Plain reads beat a memory map here: mmap.find is a byte-wise loop before Python 3.13.
    descriptor = os.open(task.path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        data = os.read(descriptor, task.size + 1)
        while len(data) < task.size and (more := os.read(descriptor, task.size - len(data))):
            data += more
    finally:
        os.close(descriptor)
    return data


@dataclass(frozen=True, slots=True)
class _Worker:
    process: subprocess.Popen[bytes]
    output: IO[bytes]
    errors: IO[bytes]

    @classmethod
    def start(cls, tasks: list[Task], stack: ExitStack) -> _Worker:
        # Files rather than pipes: neither side ever waits for the other to read.
        given, output, errors = (stack.enter_context(file) for file in _three_files())
        pickle.dump(tasks, given)
        given.seek(0)
        package_parent = str(Path(__file__).parents[2])
        argv = [sys.executable, "-I", "-S", "-c", _START, package_parent]
        process = subprocess.Popen(argv, stdin=given, stdout=output, stderr=errors, env={})
        stack.callback(process.wait)
        stack.callback(process.kill)
        return cls(process, output, errors)

    def result(self) -> dict[str, Content]:
        status = self.process.wait()
        if status != 0:
            self.errors.seek(0)
            msg = f"a scanning process ended with status {status}: {self.errors.read().decode(errors='replace')}"
            raise RuntimeError(msg)
        self.output.seek(0)
        found: dict[str, Content] = pickle.load(self.output)  # noqa: S301 - written by our own child
        return found


def _three_files() -> tuple[IO[bytes], IO[bytes], IO[bytes]]:
    return tempfile.TemporaryFile(), tempfile.TemporaryFile(), tempfile.TemporaryFile()


def work() -> None:
    """Be a worker: tasks on standard input, their contents on standard output."""
    tasks = pickle.load(sys.stdin.buffer)  # noqa: S301 - written by our own parent
    pickle.dump(examine_all(tasks), sys.stdout.buffer)
