"""Starts a sandbox and follows it: the one place that makes the child process."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from omnibuild.errors import HostLacks
from omnibuild.sandbox.spec import SandboxSpec

# Isolated from the caller's Python settings, yet this very code, wherever it was imported from.
_START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from omnibuild.sandbox.init import main; sys.exit(main())"
_PACKAGES = str(Path(__file__).parent.parent.parent)


@dataclass(frozen=True, slots=True)
class SandboxResult:
    """How a sandbox ended.

    ``failed_step`` is the index of the step that failed (None: all succeeded) and ``status``
    its exit code, negative for a signal. ``peak_rss`` (bytes) is the sampled maximum of all
    processes' resident memory together. ``timed_out``: it was killed because it took too long.
    """

    failed_step: int | None
    status: int
    opened: frozenset[str]
    peak_rss: int
    timed_out: bool = False


class Sandbox:
    """One running sandbox; ``stop`` may be called from another thread."""

    def __init__(self, spec: SandboxSpec, log: IO[bytes], *, inherit: Iterable[int] = (), tty: bool = False) -> None:
        spec_read, spec_write = os.pipe()
        event_read, event_write = os.pipe()
        self._tty = tty
        self._events = os.fdopen(event_read)
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", _START, _PACKAGES, str(spec_read), str(event_write)],
            stdin=None if tty else subprocess.DEVNULL,
            stdout=None if tty else log,
            stderr=None if tty else log,
            pass_fds=(spec_read, event_write, *inherit),
            start_new_session=not tty,
            env={"PATH": os.defpath},
        )
        os.close(spec_read)
        os.close(event_write)
        # A child that died already does not read it; ``wait`` tells how it ended.
        with contextlib.suppress(BrokenPipeError), os.fdopen(spec_write, "w") as pipe:
            pipe.write(spec.to_json())

    def wait(self, on_step: Callable[[int], None] = lambda _index: None) -> SandboxResult:
        """Follow the sandbox to its end.

        Raises HostLacks when the view could not be made on this host.
        """
        last: dict[str, Any] = {}
        failed, status = None, 0
        with self._events:
            for line in self._events:
                if not line.endswith("\n"):
                    break  # killed while it wrote
                event = json.loads(line)
                if "error" in event:
                    last = event
                elif "status" in event:
                    failed, status = event["step"], os.waitstatus_to_exitcode(event["status"])
                elif "step" in event:
                    on_step(event["step"])
                else:
                    last = event
        code = self._process.wait()
        if "error" in last:
            raise HostLacks(f"the sandbox could not be made: {last['error']}", hint="run `omnibuild doctor`")
        if "done" not in last:
            return SandboxResult(failed or 0, -signal.SIGKILL if code == 0 else code, frozenset(), 0)
        return SandboxResult(failed, status, frozenset(last["opened"]), last["peak_rss"])

    def stop(self) -> None:
        """Kill the sandbox and all that runs in it; harmless when it has ended."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):  # it ended just now
                (os.kill if self._tty else os.killpg)(self._process.pid, signal.SIGKILL)


class RunningSandboxes:
    """The sandboxes that an interruption has to stop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[Sandbox] = set()
        self._stopped = False

    def run(
        self,
        spec: SandboxSpec,
        log: Path,
        *,
        inherit: Iterable[int],
        on_step: Callable[[int], None],
        timeout_s: float | None = None,
    ) -> SandboxResult:
        """Run a sandbox with its output appended to ``log``; it is killed after ``timeout_s``."""
        with log.open("ab") as stream:
            with self._lock:
                sandbox = Sandbox(spec, stream, inherit=inherit)
                self._running.add(sandbox)
                if self._stopped:
                    sandbox.stop()
            timed_out = threading.Event()

            def end() -> None:
                timed_out.set()
                sandbox.stop()

            timer = threading.Timer(timeout_s, end) if timeout_s else None
            if timer:
                timer.start()
            try:
                result = sandbox.wait(on_step)
                return replace(result, timed_out=timed_out.is_set() and result.failed_step is not None)
            finally:
                if timer:
                    timer.cancel()
                with self._lock:
                    self._running.discard(sandbox)

    @property
    def stopped(self) -> bool:
        """Whether ``stop_all`` was called: what ends now was killed, and did not fail."""
        return self._stopped

    def stop_all(self) -> None:
        """Stop what runs, and whatever is started from now on."""
        with self._lock:
            self._stopped = True
            for sandbox in self._running:
                sandbox.stop()
