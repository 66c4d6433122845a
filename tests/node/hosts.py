"""A host for tests: a container whose first process is systemd, which can be rebooted, or lose its power."""

from __future__ import annotations

import io
import shlex
import subprocess
import tarfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import docker.errors
from docker.models.containers import Container

from roots import ENVIRONMENT

_T = TypeVar("_T")
_BOOT_S = 60.0
_STOP_S = 360
_SLACK_S = 10
_BECOME = ["setpriv", "--regid=nogroup", "--clear-groups"]


class HostFailed(AssertionError):
    """A command failed, or something did not come in its time; the host's own words are in it."""


@dataclass(frozen=True)
class Ran:
    """How a command ended; `out` is its stdout and stderr as they came."""

    code: int
    out: str


def eventually(check: Callable[[], _T | None], *, within_s: float, what: str = "") -> _T:
    """Return the first thing that `check` gives other than None or False; HostFailed when it never does."""
    deadline = time.monotonic() + within_s
    while True:
        found = check()
        if found is not None and found is not False:
            return found
        if time.monotonic() > deadline:
            raise HostFailed(f"not within {within_s:g} s: {what or check}")
        time.sleep(0.2)


class Host:
    """A machine of its own, as far as the software on it can tell."""

    def __init__(self, container: Container) -> None:
        self.container = container

    @property
    def address(self) -> str:
        """Its IPv4 address in the tests' network."""
        self.container.reload()
        return next(item["IPAddress"] for item in self.container.attrs["NetworkSettings"]["Networks"].values())

    def run(self, *argv: str, check: bool = True, timeout_s: float = 120, user: str = "root") -> Ran:
        """Run a command to its end (killed after `timeout_s`); HostFailed with its output unless it succeeds."""
        limited = ["timeout", "--kill-after=5", f"{timeout_s:g}", *argv]
        done = subprocess.run(
            [*self._enter(), *([] if user == "root" else [*_BECOME, f"--reuid={user}"]), *limited],
            env=ENVIRONMENT | {"container": "docker"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout_s + _SLACK_S,
            check=False,
        )
        ran = Ran(done.returncode, done.stdout.decode(errors="replace"))
        if check and ran.code:
            raise HostFailed(f"{shlex.join(argv)}: exit code {ran.code}\n{ran.out}\n{self.evidence()}")
        return ran

    def _enter(self) -> list[str]:
        """Return what a command begins with to run in this host, with no more rights than its first process has.

        `docker exec` takes several times as long, and loses what a command says that ends while the machine is busy:
        https://github.com/moby/moby/issues/27289
        """
        self.container.reload()
        pid = self.container.attrs["State"]["Pid"]
        if not pid:
            raise HostFailed(f"the host {self.container.name} is off\n{self.evidence()}")
        rights = int(Path(f"/proc/{pid}/status").read_text().partition("CapBnd:")[2].split()[0], 16)
        kept = [f"+cap_{number}" for number in range(rights.bit_length()) if rights >> number & 1]
        return ["nsenter", f"--target={pid}", "--all", "setpriv", f"--bounding-set={','.join(['-all', *kept])}"]

    def background(self, *argv: str, within_s: float = 30) -> str:
        """Start a command that runs on; return the process id that it writes into the file of its last argument.

        That argument is added here. The command ends with the host, or when it is killed.
        """
        told = f"/run/told-{uuid.uuid4().hex}"
        self.container.exec_run([*argv, told], detach=True)

        def read() -> str | None:
            return self.run("cat", told, check=False).out.strip() if self.exists(told) else None

        return eventually(lambda: read() or None, within_s=within_s, what=f"{argv[0]} has begun")

    def sh(self, script: str, *, check: bool = True, timeout_s: float = 120) -> str:
        """Run a shell script that stops at its first failing command; return its output."""
        return self.run("sh", "-euc", script, check=check, timeout_s=timeout_s).out

    def put(self, *files: Path, into: str = "/packages") -> list[str]:
        """Copy files of this machine into a folder of the host; return their paths there."""
        self.run("mkdir", "-p", into)
        for file in files:
            with io.BytesIO() as packed:
                with tarfile.open(fileobj=packed, mode="w") as archive:
                    archive.add(file, arcname=file.name)
                assert self.container.put_archive(into, packed.getvalue())
        return [f"{into}/{file.name}" for file in files]

    def fetch(self, path: str, into: Path) -> Path:
        """Copy a file of the host into a folder of this machine; return its path there."""
        parts, _about = self.container.get_archive(path)
        with tarfile.open(fileobj=io.BytesIO(b"".join(parts))) as archive:
            archive.extractall(into, filter="data")
        return into / Path(path).name

    def write(self, path: str, text: str) -> None:
        """Write a file of root's."""
        data = text.encode()
        with io.BytesIO() as packed:
            with tarfile.open(fileobj=packed, mode="w") as archive:
                entry = tarfile.TarInfo(path.lstrip("/"))
                entry.size, entry.mtime, entry.mode = len(data), int(time.time()), 0o644
                archive.addfile(entry, io.BytesIO(data))
            assert self.container.put_archive("/", packed.getvalue())

    def read(self, path: str) -> str:
        """Return a file's text."""
        return self.run("cat", path).out

    def exists(self, path: str) -> bool:
        """Tell whether something, a dangling link too, is at a path."""
        return self.run("test", "-e", path, "-o", "-L", path, check=False).code == 0

    def access(self, path: str) -> str:
        """Return `owner:group mode`."""
        return self.run("stat", "-c", "%U:%G %a", path).out.strip()

    def reboot(self) -> None:
        """Shut down in order, start again, and return when systemd has nothing left to do."""
        self.container.restart(timeout=_STOP_S)
        self.wait_until_booted()

    def cut_power(self) -> None:
        """End every process at once; `power_on` starts the host again."""
        self.container.kill()
        self.container.wait(timeout=_SLACK_S)

    def power_on(self) -> None:
        """Start again and return when systemd has nothing left to do."""
        self.container.start()
        self.wait_until_booted()

    def wait_until_booted(self, within_s: float = _BOOT_S) -> None:
        """Return when systemd has started all it was to start; HostFailed when a unit failed."""
        state = eventually(self._state, within_s=within_s, what="systemd has booted")
        if state != "running":
            failed = self.run("systemctl", "--failed", "--no-legend", "--plain", check=False).out
            raise HostFailed(f"systemd is {state}: {failed}\n{self.evidence()}")

    def evidence(self) -> str:
        """Return what this host logged last: its journal and its services' logs."""
        script = "journalctl --no-pager --lines 40 2>&1; tail -n 20 /var/log/chef-backend/*/current 2>/dev/null"
        try:
            return self.container.exec_run(["sh", "-c", script])[1].decode(errors="replace")
        except docker.errors.APIError as error:
            return f"(the host does not answer: {error})\n" + self.container.logs(tail=20).decode(errors="replace")

    def remove(self) -> None:
        """Remove the host with all that it held."""
        self.container.remove(force=True, v=True)

    def _state(self) -> str | None:
        """Return systemd's word for itself once it is done booting."""
        try:
            code, out = self.container.exec_run(["systemctl", "is-system-running", "--wait"])
        except docker.errors.APIError:
            self.container.reload()
            if self.container.status == "exited":
                raise HostFailed(f"the host's first process ended\n{self.container.logs().decode()}") from None
            return None
        word: str = out.decode(errors="replace").strip()
        del code
        return word if word in {"running", "degraded", "maintenance"} else None
