"""Runs the client program of a registry: apt, git, go, mvn, pip."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from omnibuild.sources.base import FetchOptions, LocationFailed
from omnibuild.sources.urls import redact

_KEPT = (
    "HOME",
    "PATH",
    "TMPDIR",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "all_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
)
_POLL_S = 0.1
_LAST_LINES = 6
_ERROR_LINES = 2
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
# How mvn, apt and git begin the lines that matter.
_ERROR_MARKS = ("[ERROR]", "E:", "fatal:")


def host_environment(*names: str) -> dict[str, str]:
    """Return a clean environment plus what the host sets of proxies, certificates and ``names``.

    A name that ends in ``*`` stands for all variables that begin like it.
    """
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    for name in names:
        if name.endswith("*"):
            kept |= {key: value for key, value in os.environ.items() if key.startswith(name[:-1])}
        elif name in os.environ:
            kept[name] = os.environ[name]
    return kept | {"LC_ALL": "C.UTF-8"}


def require(program: str, *, package: str) -> str:
    """Return the program's path, or fail this location with the package that brings it."""
    found = shutil.which(program)
    if found is None:
        raise LocationFailed(f"{program} is not installed here (Debian package {package})")
    return found


def run_tool(argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], options: FetchOptions) -> str:
    """Return the standard output of a client that succeeded.

    LocationFailed names the command and its last lines when it fails or outlives
    ``options.tool_timeout_s``; its whole process group is ended then.
    """
    process = subprocess.Popen(
        argv,
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="surrogateescape",
        start_new_session=True,
    )
    try:
        output, errors = _wait(process, argv, options)
    except BaseException:
        _end(process)
        raise
    if process.returncode != 0:
        raise LocationFailed(_failure(argv, process.returncode, f"{output}\n{errors}"))
    return output


def _wait(process: subprocess.Popen[str], argv: Sequence[str], options: FetchOptions) -> tuple[str, str]:
    deadline_s = time.monotonic() + options.tool_timeout_s
    while True:
        options.stop_if_cancelled()
        try:
            return process.communicate(timeout=_POLL_S)
        except subprocess.TimeoutExpired:
            if time.monotonic() > deadline_s:
                raise LocationFailed(f"{argv[0]} did not end within {options.tool_timeout_s:g} s") from None


def _end(process: subprocess.Popen[str]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    finally:
        process.communicate()


def _failure(argv: Sequence[str], code: int, output: str) -> str:
    how = f"exit code {code}" if code > 0 else signal.Signals(-code).name
    readable = _ANSI.sub("", redact(output.encode(errors="replace").decode()))
    lines = [line for line in readable.splitlines() if line.strip()]
    marked = [line for line in lines if line.startswith(_ERROR_MARKS) and len(line.split()) > 1][:_ERROR_LINES]
    last = "\n    ".join(marked or lines[-_LAST_LINES:])
    command = redact(shlex.join(argv))
    return f"{command}: {how}\n    {last}" if last else f"{command}: {how}"
