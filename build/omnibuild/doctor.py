"""What a host needs to build and package, what it has, and the command that supplies the rest."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from omnibuild.errors import HostLacks
from omnibuild.platform import probe_isolation
from omnibuild.sandbox.spec import Isolation
from omnibuild.store.local import LocalStore

GIB = 1 << 30
DISK_NEEDED = 10 * GIB
MEMORY_NEEDED = 2 * GIB
_TIMEOUT_S = 20
_VERSION = re.compile(r"\d+(\.\d+)+")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing: ``found`` is what is there (empty: nothing), ``fix`` the command that supplies it.

    Something ``required`` that is not ``ok`` keeps omnibuild from its work; the rest only from
    part of it, which ``needed`` names.
    """

    what: str
    needed: str
    found: str
    ok: bool
    required: bool
    fix: str


@dataclass(frozen=True, slots=True)
class Program:
    """A program on PATH, the package that has it, and what it is needed for."""

    name: str
    package: str
    needed: str
    required: bool = False
    arguments: tuple[str, ...] = ("--version",)


_PROGRAMS = (
    Program("git", "git", "git sources, the manifest's revision", required=True),
    Program("tar", "tar", "unpacking the build image", required=True),
    Program("gcc", "build-essential", "native builds (--rootfs brings its own)"),
    Program("make", "build-essential", "native builds"),
    Program("patch", "patch", "native builds of recipes with patches"),
    Program("docker", "docker.io", "making the build image"),
    Program("debootstrap", "debootstrap", "a base image where no registry is reachable"),
    Program("apt-get", "apt", "debian sources"),
    Program("go", "golang-go", "gomodule sources", arguments=("version",)),
    Program("mvn", "maven", "maven sources, where no repository answers plain HTTP"),
    Program("dpkg-deb", "dpkg", "reading back a written deb", required=True),
    Program("rpm", "rpm", "reading back a written rpm", required=True),
    Program("lintian", "lintian", "judging the deb as Debian does"),
)


def examine(store: Path) -> Iterator[Diagnosis]:
    """Yield everything there is to know about this host; ``store`` is where it would build."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Diagnosis("python", "3.11 or newer", version, sys.version_info >= (3, 11), required=True, fix="")
    for program in _PROGRAMS:
        yield _program(program)
    yield _nfpm()
    yield _engine()
    usable = _store(store)
    yield usable
    if usable.ok:
        yield _isolation(store)
        yield _disk(store)
    yield _memory()


def _program(program: Program) -> Diagnosis:
    beside = Path(sys.executable).with_name(program.name)
    path = str(beside) if beside.exists() else shutil.which(program.name)
    found = _version(path, program.arguments) if path else ""
    fix = "" if path else f"apt-get install {program.package}"
    return Diagnosis(program.name, program.needed, found, bool(path), program.required, fix)


def _version(path: str, arguments: tuple[str, ...]) -> str:
    argv = [path, *arguments]
    try:
        done = subprocess.run(
            argv, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return path
    match = _VERSION.search(done.stdout + done.stderr)
    return match.group(0) if match else path


def _nfpm() -> Diagnosis:
    from omnibuild.packaging.nfpm import find_nfpm  # noqa: PLC0415 - and with it all of packaging

    return _tried("nfpm", "writing packages", lambda: _version(str(find_nfpm()), ("--version",)), required=True)


def _engine() -> Diagnosis:
    def version() -> str:
        from omnibuild.image.engine import connect  # noqa: PLC0415 - the SDK takes its time

        client = connect()
        try:
            return str(client.version()["Version"])
        finally:
            client.close()

    return _tried("docker engine", "making the build image", version, required=False)


def _tried(what: str, needed: str, ask: Callable[[], str], *, required: bool) -> Diagnosis:
    try:
        return Diagnosis(what, needed, ask(), ok=True, required=required, fix="")
    except HostLacks as error:
        return Diagnosis(what, needed, "", ok=False, required=required, fix=error.hint)


def _store(store: Path) -> Diagnosis:
    needed = "what was built, and scratch space"
    try:
        return Diagnosis("store", needed, str(LocalStore(store).directory), ok=True, required=True, fix="")
    except HostLacks as error:
        return Diagnosis("store", needed, error.message, ok=False, required=True, fix=error.hint)


def _isolation(store: Path) -> Diagnosis:
    isolation, reasons = probe_isolation(Path("/"), store, is_root=os.geteuid() == 0)
    good = isolation is not Isolation.NONE
    found = {Isolation.ROOT: "as root", Isolation.USER: "in a user namespace", Isolation.NONE: "; ".join(reasons)}
    fix = "" if good else "sysctl -w kernel.unprivileged_userns_clone=1, or run as root"
    return Diagnosis(
        "isolation", "namespaces and overlayfs, tried for real", found[isolation], good, required=False, fix=fix
    )


def _disk(store: Path) -> Diagnosis:
    free = shutil.disk_usage(store).free
    fix = "" if free >= DISK_NEEDED else "omnibuild cache gc, or --store on another disk"
    found, needed = f"{free / GIB:.1f} GiB", f"{DISK_NEEDED / GIB:.0f} GiB free in {store}"
    return Diagnosis("disk", needed, found, free >= DISK_NEEDED, required=False, fix=fix)


def _memory() -> Diagnosis:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    enough = total >= MEMORY_NEEDED
    needed = f"{MEMORY_NEEDED / GIB:.0f} GiB for packaging"
    return Diagnosis(
        "memory", needed, f"{total / GIB:.1f} GiB", enough, required=False, fix="" if enough else "add memory"
    )
