"""A base image made with debootstrap, for hosts that reach a Debian mirror but no image registry."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from omnibuild.errors import BuildFailed, HostLacks
from omnibuild.image.engine import Log, connect
from omnibuild.image.tree import bootstrapped
from omnibuild.sources.apt import host_mirror
from omnibuild.sources.base import FetchOptions

_TIMEOUT_S = 1800
_ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}


def bootstrap(suite: str, log: Log, *, tag: str = "") -> str:
    """Make a minimal Debian image of ``suite`` from the host's own mirror; return its name.

    Uses sudo when not root. Raises HostLacks, BuildFailed.
    """
    name = tag or bootstrapped(suite)
    client = connect()
    program = shutil.which("debootstrap", path=_ENVIRONMENT["PATH"])
    if program is None:
        raise HostLacks("debootstrap is not installed", hint="apt-get install debootstrap")
    sudo = _sudo(suite)
    mirror = host_mirror(suite, FetchOptions()).uri
    with tempfile.TemporaryDirectory(prefix="omnibuild-bootstrap-") as work:
        root, archive = f"{work}/root", f"{work}/root.tar"
        try:
            _run([*sudo, program, "--variant=minbase", "--include=ca-certificates", suite, root, mirror], log)
            _run([*sudo, "tar", "-C", root, "--numeric-owner", "--exclude=./dev/*", "-cf", archive, "."], log)
        finally:
            if sudo and Path(root).exists():
                _run([*sudo, "rm", "-rf", "--one-file-system", root], log)
        repository, _, version = name.partition(":")
        client.api.import_image_from_file(archive, repository=repository, tag=version or "latest")
    log(f"base image {name} is ready")
    return name


def _sudo(suite: str) -> tuple[str, ...]:
    if os.geteuid() == 0:
        return ()
    program = shutil.which("sudo")
    if program is None:
        raise HostLacks("debootstrap needs root", hint=f"as root: omnibuild image bootstrap {suite}")
    return (program,)


def _run(argv: list[str], log: Log) -> None:
    with subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=_ENVIRONMENT
    ) as process:
        assert process.stdout is not None  # noqa: S101 - stdout=PIPE
        last = ""
        for line in process.stdout:
            last = line.rstrip()
            log(last)
        if process.wait(_TIMEOUT_S) != 0:
            raise BuildFailed(
                f"{' '.join(argv)}: exit code {process.returncode}: {last}",
                hint="what went wrong is in the lines above; is it a Debian suite, and does the mirror answer?",
            )
