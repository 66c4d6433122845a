"""Where the recipes' commands run: the host itself, or a build image's file tree."""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from omnibuild.errors import HostLacks
from omnibuild.files import write_atomic
from omnibuild.sandbox.run import Sandbox
from omnibuild.sandbox.spec import Bind, Isolation, Overlay, SandboxSpec, Step

_TOOLS = (("gcc", "--version"), ("ld", "--version"), ("make", "--version"), ("ldd", "--version"))


@dataclass(frozen=True, slots=True)
class Host:
    """A root tree to build in.

    ``identity`` enters every cache key; ``isolation`` is what this host allows, and
    ``reasons`` say why it is not more.
    """

    rootfs: Path
    identity: str
    isolation: Isolation
    reasons: tuple[str, ...] = ()

    @property
    def has_assembler(self) -> bool:
        """Whether the tree has binutils, so that linked files get their package note."""
        return (self.rootfs / "usr/bin/as").exists()


def probe_isolation(rootfs: Path, scratch: Path, *, is_root: bool) -> tuple[Isolation, tuple[str, ...]]:
    """Return the strongest isolation that works here, tried for real, and why stronger ones do not."""
    reasons: list[str] = []
    for isolation in (Isolation.ROOT, Isolation.USER) if is_root else (Isolation.USER,):
        try:
            _try(isolation, rootfs, scratch)
        except HostLacks as error:
            reasons.append(f"{isolation}: {error.message}")
        else:
            return isolation, tuple(reasons)
    return Isolation.NONE, tuple(reasons)


def isolation_of(rootfs: Path, store: Path) -> tuple[Isolation, tuple[str, ...]]:
    """Return what ``probe_isolation`` says, asked once for each boot, user and mount namespace.

    Only success is remembered: whoever allows namespaces sees it at once.
    """
    asked = "\0".join((_boot(), str(os.geteuid()), str(rootfs)))
    memory = store / f"isolation-{hashlib.sha256(asked.encode()).hexdigest()[:16]}"
    with contextlib.suppress(OSError, ValueError):
        return Isolation(memory.read_text().strip()), ()
    isolation, reasons = probe_isolation(rootfs, store / "scratch", is_root=os.geteuid() == 0)
    if isolation is not Isolation.NONE and not reasons:
        write_atomic(memory, f"{isolation}\n".encode())
    return isolation, reasons


def _boot() -> str:
    boot = Path("/proc/sys/kernel/random/boot_id")
    namespace = Path("/proc/self/ns/mnt").stat().st_ino
    return f"{boot.read_text() if boot.exists() else ''} {namespace}"


def _try(isolation: Isolation, rootfs: Path, scratch: Path) -> None:
    with tempfile.TemporaryDirectory(dir=scratch) as name, tempfile.TemporaryFile() as log:
        for part in ("lower", "upper", "work", "view", "build"):
            (Path(name) / part).mkdir()
        overlay = Overlay("/opt/probe", f"{name}/lower", f"{name}/upper", f"{name}/work")
        step = Step(("/bin/sh", "-c", "echo x > /opt/probe/file"), "/build", {"PATH": "/usr/bin:/bin"})
        binds = (Bind(f"{name}/build", "/build", writable=True),)
        result = Sandbox(SandboxSpec(isolation, str(rootfs), f"{name}/view", (step,), overlay, binds), log).wait()
        if result.failed_step is not None or not (Path(name) / "upper/file").is_file():
            raise HostLacks("a file written in the sandbox was not captured")


def toolchain_identity() -> str:
    """Return a digest of the host's own toolchain and release, for native builds."""
    parts = [Path("/etc/os-release").read_text() if Path("/etc/os-release").exists() else ""]
    for argv in _TOOLS:
        try:
            done = subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False)
        except OSError:
            parts.append(f"{argv[0]}: absent")
        else:
            parts.append(done.stdout)
    return "native " + hashlib.sha256("\0".join(parts).encode()).hexdigest()


def tree_identity(rootfs: Path) -> str:
    """Return a digest of a build image's installed packages and their versions.

    Two images made on different days from the same packages are the same toolchain.
    """
    status = rootfs / "var/lib/dpkg/status"
    try:
        stanzas = status.read_text(encoding="utf-8", errors="replace").split("\n\n")
    except OSError as error:
        raise HostLacks(
            f"{status}: not readable: {error.strerror}", hint="the build image must be Debian-based"
        ) from error
    wanted = ("Package: ", "Version: ", "Architecture: ")
    lines = sorted(" ".join(line for line in stanza.splitlines() if line.startswith(wanted)) for stanza in stanzas)
    return "image " + hashlib.sha256("\n".join(lines).encode()).hexdigest()
