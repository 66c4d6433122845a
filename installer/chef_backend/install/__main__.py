"""Entry point of the package's scriptlets."""

from __future__ import annotations

import os
import sys

from chef_backend.base.clock import SystemClock
from chef_backend.base.errors import ChefBackendError
from chef_backend.base.paths import Paths
from chef_backend.base.proc import SystemRunner
from chef_backend.install.boot import find_boot
from chef_backend.install.event import Script
from chef_backend.install.kernel import RunningKernel
from chef_backend.install.perform import Machine, perform
from chef_backend.resources.real import RealHost
from chef_backend.supervise.process import Runsvdir

_ARGUMENTS = 3


def main(argv: list[str]) -> int:
    """Do what a scriptlet is called for and return its exit code: what failed, and how to go on, is on stderr."""
    if len(argv) < _ARGUMENTS or argv[0] not in set(Script):
        sys.stderr.write(f"usage: python -m chef_backend.install {{{'|'.join(Script)}}} VERSION ARGUMENTS...\n")
        return 2
    os.umask(0o022)
    script, version, arguments = Script(argv[0]), argv[1], tuple(argv[2:])
    try:
        perform(_machine(), script, version, arguments)
    except ChefBackendError as error:
        sys.stderr.write(f"chef-backend: {script} failed: {error.message}\n")
        if error.hint:
            sys.stderr.write(f"hint: {error.hint}\n")
        sys.stderr.write(f"hint: then finish with: {_way_on(script, version, arguments)}\n")
        return 1
    return 0


def _machine() -> Machine:
    paths, runner = Paths(), SystemRunner()
    host = RealHost(runner)

    def write_files(*, enable: bool) -> None:
        from chef_backend.reconfigure.real import real_machine  # noqa: PLC0415 - slow to import, and seldom needed
        from chef_backend.reconfigure.run import files_only  # noqa: PLC0415 - the same

        machine = real_machine(paths)
        with machine.lock("the package's postinst"):
            files_only(machine, enable=enable)

    return Machine(
        host=host,
        paths=paths,
        boot=find_boot(runner, host, paths),
        supervisor=Runsvdir(runner, paths, SystemClock()),
        kernel=RunningKernel(runner, paths),
        files_only=write_files,
        tell=_tell,
    )


def _tell(line: str) -> None:
    stream = sys.stderr if line.startswith(("warning:", "hint:")) else sys.stdout
    stream.write(f"{line}\n")
    stream.flush()


def _way_on(script: Script, version: str, arguments: tuple[str, ...]) -> str:
    """Return the command that takes up where this scriptlet failed: rpm runs no scriptlet again by itself."""
    match script, arguments[0].isdecimal():
        case Script.POSTINST, True:
            words = " ".join((version, *arguments))
            return f"/opt/chef-backend/embedded/bin/python3 -IB -m chef_backend.install postinst {words}"
        case Script.POSTINST, False:
            return "dpkg --configure chef-backend"
        case Script.PRERM, True:
            return "rpm --erase chef-backend"
        case _:
            return "apt-get remove chef-backend"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
