"""The one place that starts other programs: argv lists, a clean environment, a time limit, no secret shown."""

from __future__ import annotations

import grp
import os
import pwd
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, NoReturn, Protocol

from chef_backend.base import mortal
from chef_backend.base.errors import CommandFailed, NotPermitted
from chef_backend.base.log import printable
from chef_backend.base.secret import Redactor, Secret

BASE_ENVIRONMENT: Mapping[str, str] = MappingProxyType(
    {
        "HOME": "/",
        "LC_ALL": "C.UTF-8",
        "PATH": "/opt/chef-backend/embedded/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    }
)
_TAIL_LINES = 12
_TAIL_COLUMNS = 300
_OUTPUT_MAX = 64 << 20
_GRACE_S = 5.0
_POLL_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A program to run: `env` adds to BASE_ENVIRONMENT, `user` and `group` are names, "" is the caller's own.

    `mortal` is for what takes long: it ends with the thread that runs it, even where that is killed.
    """

    argv: tuple[str, ...]
    timeout_s: float
    cwd: Path = Path("/")
    env: Mapping[str, str] = field(default_factory=dict)
    stdin: bytes | Secret = field(default=b"", repr=False)
    user: str = ""
    group: str = ""
    umask: int = 0o077
    accept: frozenset[int] = frozenset({0})
    mortal: bool = False

    def environment(self) -> dict[str, str]:
        """Return the whole environment that the program gets."""
        return {**BASE_ENVIRONMENT, **self.env}

    def line(self) -> str:
        """Return the command as a line that root can paste into a shell."""
        switch = []
        if self.user:
            group = f"--regid={self.group}" if self.group else f"--regid=$(id -g {shlex.quote(self.user)})"
            switch = ["setpriv", f"--reuid={self.user}", group, "--clear-groups"]
        words = [f"{key}={value}" for key, value in sorted(self.environment().items())]
        quoted = [word if word.startswith("--regid=$(") else shlex.quote(word) for word in [*switch, *self.argv]]
        end = "# with something on its standard input" if self.stdin else "</dev/null"
        return f"cd {shlex.quote(str(self.cwd))} && env -i {shlex.join(words)} {' '.join(quoted)} {end}"


@dataclass(frozen=True, slots=True)
class Completed:
    """How a program ended: its exit code (−n for signal n), and what it wrote."""

    code: int
    out: str
    err: str


class Runner(Protocol):
    """What runs commands."""

    def run(self, command: Command, *, check: bool = True) -> Completed:
        """Run to the end; CommandFailed unless the exit code is an accepted one (or `check` is off)."""
        ...


class SystemRunner:
    """Runs commands on this machine; knows the secrets, so as to never show one nor hand one over in argv."""

    def __init__(self, redactor: Redactor | None = None) -> None:
        self._redactor = redactor or Redactor()

    def run(self, command: Command, *, check: bool = True) -> Completed:
        """Run to the end; CommandFailed when it cannot start, is late, or (with `check`) ends with another code."""
        if any(self._redactor.finds(word) for word in (*command.argv, *command.env, *command.env.values())):
            raise ValueError(f"a secret is in the arguments or the environment of {command.argv[0]}")
        with ExitStack() as stack:
            given, out, err = (stack.enter_context(_memory_file(name)) for name in ("stdin", "stdout", "stderr"))
            stdin = command.stdin.reveal().encode() if isinstance(command.stdin, Secret) else command.stdin
            given.write(stdin)
            given.seek(0)
            try:
                child = self._start(command, given if stdin else None, out, err)
            except OSError as error:
                self._fail(command, f"could not be started: {error.strerror} ({error.filename})", "")
            code = _ended(child, command.timeout_s)
            done = Completed(-1 if code is None else code, _text(out), _text(err))
        if code is None:
            self._fail(command, f"did not end within {command.timeout_s:g} s, and was killed", done.err or done.out)
        if check and code not in command.accept:
            self._fail(command, f"ended with {_ending(code)}", done.err or done.out)
        return done

    def _start(self, command: Command, given: BinaryIO | None, out: BinaryIO, err: BinaryIO) -> subprocess.Popen[bytes]:
        uid, gid = _identity(command)
        return subprocess.Popen(
            (*_mortal(), *command.argv) if command.mortal else command.argv,
            cwd=command.cwd,
            env=command.environment(),
            stdin=given or subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
            umask=command.umask,
            user=uid,
            group=gid,
            extra_groups=None if uid is None else [],
        )

    def _fail(self, command: Command, how: str, output: str) -> NoReturn:
        lines = [f"{Path(command.argv[0]).name} {how}", f"  {command.line()}"]
        tail = [printable(line)[:_TAIL_COLUMNS] for line in output.strip().splitlines()[-_TAIL_LINES:]]
        if tail:
            lines += ["its last lines:", *(f"  | {line}" for line in tail)]
        message = self._redactor.redact("\n".join(lines))
        raise CommandFailed(message, hint="run the line above as root to see it fail by itself") from None


def _mortal() -> tuple[str, ...]:
    return ("python3", "-IS", mortal.__file__, str(os.getpid()))


def _ended(child: subprocess.Popen[bytes], timeout_s: float) -> int | None:
    """Return the exit code, or None after the time limit; no process of the group outlives an exception."""
    try:
        return child.wait(timeout_s)
    except subprocess.TimeoutExpired:
        _end_group(child)
        return None
    except BaseException:
        _end_group(child)
        raise


def _end_group(child: subprocess.Popen[bytes]) -> None:
    """Ask the process group to end, then kill what is left of it; its leader is reaped last, so its id stays ours."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGTERM)
    deadline = time.monotonic() + _GRACE_S
    while time.monotonic() < deadline and os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        time.sleep(_POLL_S)
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _identity(command: Command) -> tuple[int | None, int | None]:
    """Return the ids to change to; (None, None) when the caller already is that user."""
    if not command.user:
        return None, None
    try:
        account = pwd.getpwnam(command.user)
        gid = grp.getgrnam(command.group).gr_gid if command.group else account.pw_gid
    except KeyError as error:
        raise CommandFailed(
            f"cannot run {command.argv[0]} as {command.user}: {error.args[0]}",
            hint="run `chef-backend-ctl reconfigure`, which makes the accounts",
        ) from None
    if os.geteuid() == 0:
        return account.pw_uid, gid
    if os.geteuid() == account.pw_uid:
        return None, None
    raise NotPermitted(f"only root can run {command.argv[0]} as {command.user}", hint="run the command as root")


@contextmanager
def _memory_file(name: str) -> Iterator[BinaryIO]:
    """Yield a file in memory: unlike a pipe it cannot fill up, nor be held open by a daemon the program starts."""
    with os.fdopen(os.memfd_create(name, os.MFD_CLOEXEC), "w+b", buffering=0) as file:
        yield file


def _text(file: BinaryIO) -> str:
    size = os.fstat(file.fileno()).st_size
    return os.pread(file.fileno(), _OUTPUT_MAX, max(0, size - _OUTPUT_MAX)).decode("utf-8", "replace")


def _ending(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"
