"""Starts a sandbox and follows it: the one place that makes the child process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from omnibuild.errors import HostLacks
from omnibuild.sandbox.spec import SandboxSpec


@dataclass(frozen=True, slots=True)
class SandboxResult:
    """How a sandbox ended.

    ``failed_step`` is the index of the step that failed (None: all succeeded) and ``status``
    its exit code, negative for a signal. ``peak_rss`` (bytes) is the sampled maximum of all
    processes' resident memory together.
    """

    failed_step: int | None
    status: int
    opened: frozenset[str]
    peak_rss: int


class Sandbox:
    """One running sandbox; ``stop`` may be called from another thread."""

    def __init__(self, spec: SandboxSpec, log: IO[bytes], *, inherit: Iterable[int] = (), tty: bool = False) -> None:
        spec_read, spec_write = os.pipe()
        event_read, event_write = os.pipe()
        self._spec = spec
        self._events = os.fdopen(event_read)
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-m", "omnibuild.sandbox.init", str(spec_read), str(event_write)],
            stdin=None if tty else subprocess.DEVNULL,
            stdout=None if tty else log,
            stderr=None if tty else log,
            pass_fds=(spec_read, event_write, *inherit),
            start_new_session=not tty,
            env={"PATH": os.defpath},
        )
        os.close(spec_read)
        os.close(event_write)
        with os.fdopen(spec_write, "w") as pipe:
            pipe.write(spec.to_json())

    def wait(self, on_step: Callable[[int], None] = lambda _index: None) -> SandboxResult:
        """Follow the sandbox to its end.

        Raises HostLacks when the view could not be made on this host.
        """
        last: dict[str, Any] = {}
        failed, status = None, 0
        with self._events:
            for line in self._events:
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
            os.killpg(self._process.pid, signal.SIGKILL)


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
            timer = threading.Timer(timeout_s, sandbox.stop) if timeout_s else None
            if timer:
                timer.start()
            try:
                return sandbox.wait(on_step)
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
