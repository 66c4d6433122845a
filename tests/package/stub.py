"""An rpm that stands for a distribution's glibc, shells and account tools, so that rpm resolves requirements."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from omnibuild.packaging.nfpm import find_nfpm

LIBRARIES = (
    *("libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1"),
    *("libresolv.so.2", "ld-linux-x86-64.so.2", "libgcc_s.so.1", "libstdc++.so.6", "libcrypt.so.1"),
)
ELFDEPS = "/usr/lib/rpm/elfdeps"


def provided_by(base: Path) -> tuple[str, ...]:
    """Return what rpm's own generator says that the system libraries of a root provide."""
    folder = base / "usr/lib/x86_64-linux-gnu" if (base / "lib").is_symlink() else base / "lib/x86_64-linux-gnu"
    programs = ("/bin/bash", "/bin/sh", "/usr/sbin/groupadd", "/usr/sbin/useradd")
    provides = {path: None for path in programs if (base / path.lstrip("/")).exists()}
    for name in LIBRARIES:
        library = folder / name
        if library.exists():
            listed = subprocess.run(
                [ELFDEPS, "--provides", str(library)],
                capture_output=True,
                text=True,
                check=True,
                timeout=60,
            ).stdout
            provides |= dict.fromkeys(listed.split())
    return tuple(provides)


def write_stub(provides: tuple[str, ...], folder: Path) -> Path:
    """Write an empty rpm with these Provides."""
    config = {
        "name": "stub-system",
        "arch": "amd64",
        "version": "1",
        "license": "CC0-1.0",
        "description": "stands for the distribution's glibc and shell",
        "provides": list(provides),
        "rpm": {"buildhost": "localhost"},
    }
    path = folder / "stub-system.rpm"
    (folder / "stub.yml").write_text(json.dumps(config))
    argv = [str(find_nfpm()), "package", "-f", "stub.yml", "-p", "rpm", "-t", str(path)]
    subprocess.run(argv, cwd=folder, check=True, capture_output=True, timeout=60)
    return path
