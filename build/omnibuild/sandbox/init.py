"""The sandbox's first process: builds the view, runs the steps, reports. Standard library only.

Called by run.py with the arguments SPEC_FD EVENT_FD; standard output and error
are the component's log. Events are JSON lines: ``{"step": 0}`` before a step,
``{"status": n, "step": i}`` when one failed (n is waitpid's status), ``{"error": text}`` when
the view could not be made, and at last ``{"done": ..., "opened": [...], "peak_rss": bytes}``.
The process dies with its parent, and everything in its PID namespace dies with it.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import struct
import sys
import time
from fcntl import ioctl
from pathlib import Path
from typing import Any, TextIO

from omnibuild.sandbox import syscalls as sys_
from omnibuild.sandbox import view
from omnibuild.sandbox.watch import OpenWatch

_SAMPLE_S = 0.2
_PAGE = os.sysconf("SC_PAGE_SIZE")
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1


def main() -> int:
    """Return 0 when every step succeeded, 1 otherwise (the events say why)."""
    spec = json.loads(os.fdopen(int(sys.argv[1])).read())
    events = os.fdopen(int(sys.argv[2]), "w", buffering=1)
    os.set_inheritable(events.fileno(), False)  # noqa: FBT003 - a build's commands must not speak for us
    sys_.die_with_parent(signal.SIGKILL)
    if spec["isolation"] == "none":
        return _supervise(spec, events)
    try:
        _leave_host(user=spec["isolation"] == "user")
    except OSError as error:
        _say(events, error=str(error))
        return 1
    child = os.fork()
    if child:
        return 0 if os.waitpid(child, 0)[1] == 0 else 1
    os._exit(_first_process(spec, events))


def _leave_host(*, user: bool) -> None:
    uid, gid = os.getuid(), os.getgid()
    flags = sys_.CLONE_NEWNS | sys_.CLONE_NEWPID | sys_.CLONE_NEWNET | sys_.CLONE_NEWIPC | sys_.CLONE_NEWUTS
    sys_.unshare(flags | (sys_.CLONE_NEWUSER if user else 0))
    if user:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"0 {uid} 1")
        Path("/proc/self/gid_map").write_text(f"0 {gid} 1")
    # A change of credentials clears the signal that was asked for, see prctl(2).
    sys_.die_with_parent(signal.SIGKILL)


def _first_process(spec: dict[str, Any], events: TextIO) -> int:
    try:
        sys_.die_with_parent(signal.SIGKILL)
        socket.sethostname(spec["hostname"])
        _loopback_up()
        view.enter(spec)
    except OSError as error:
        _say(events, error=str(error))
        return 1
    return _supervise(spec, events)


def _loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack_from("h", ioctl(probe, _SIOCGIFFLAGS, request), 16)[0]
        ioctl(probe, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | _IFF_UP))


def _supervise(spec: dict[str, Any], events: TextIO) -> int:
    """Run the steps; reap every process, sample memory and watch opened files meanwhile."""
    os.umask(0o022)
    watch = OpenWatch(spec["overlay"]["target"] if spec["overlay"] else "/", spec["owners"])
    wake, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    peak, failed = 0, None
    for index, step in enumerate(spec["steps"]):
        _say(events, step=index)
        status, rss = _run(step, watch, wake)
        peak = max(peak, rss)
        if status:
            failed = index
            _say(events, step=index, status=status)
            break
    watch.drain()
    _say(events, done=failed is None, opened=sorted(watch.opened), peak_rss=peak)
    return 0 if failed is None else 1


def _run(step: dict[str, Any], watch: OpenWatch, wake: int) -> tuple[int, int]:
    """Return a step's wait status and the peak of all processes' resident memory (bytes)."""
    child = os.fork()
    if child == 0:
        _exec(step)
    poll = select.poll()
    poll.register(wake, select.POLLIN)
    peak, sampled_s = 0, 0.0
    while True:
        if watch.descriptor >= 0:
            poll.register(watch.descriptor, select.POLLIN)
        for descriptor, _ in poll.poll(_SAMPLE_S * 1000):
            if descriptor == wake:
                os.read(wake, 4096)
            else:
                watch.drain()
                if watch.descriptor < 0:
                    poll.unregister(descriptor)
        # Each opened file wakes this loop; looking at every process each time would slow the build.
        if time.monotonic() - sampled_s >= _SAMPLE_S:
            peak, sampled_s = max(peak, _resident(child)), time.monotonic()
        status = _reap(child)
        if status is not None:
            return status, peak


def _reap(child: int) -> int | None:
    """Collect every ended process, orphans too; return the child's status once it ended."""
    result = None
    while True:
        try:
            ended, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return result
        if ended == 0:
            return result
        if ended == child:
            result = status


def _resident(child: int) -> int:
    """Return the resident bytes of all processes here (without a PID namespace: the child's)."""
    total = 0
    own = os.getpid()
    numbers = [n for n in os.listdir("/proc") if n.isdigit()] if own == 1 else [str(child)]
    for number in numbers:
        if number != str(own):
            try:
                total += int(Path(f"/proc/{number}/statm").read_text().split()[1]) * _PAGE
            except (OSError, IndexError):  # it ended between listing and reading
                continue
    return total


def _exec(step: dict[str, Any]) -> None:
    try:
        signal.set_wakeup_fd(-1)
        sys_.default_signals()
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        os.chdir(step["cwd"])
        os.execvpe(step["argv"][0], step["argv"], step["env"])  # noqa: S606 - argv, no shell
    except (OSError, ValueError) as error:  # ValueError: a NUL character
        reason = error.strerror if isinstance(error, OSError) else str(error)
        os.write(2, f"omnibuild: {step['argv'][0]!r} in {step['cwd']}: {reason}\n".encode(errors="backslashreplace"))
    finally:
        os._exit(127)


def _say(events: TextIO, **fields: object) -> None:
    events.write(json.dumps(fields) + "\n")
