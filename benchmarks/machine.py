"""Says what the measurements were made on."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path

_VERSIONS = (("dpkg-deb", "--version"), ("rpmbuild", "--version"), ("git", "--version"), ("gzip", "--version"))


def describe() -> dict[str, str]:
    """Return processor, cores, memory, kernel and the versions of the tools compared with."""
    cpu = _field("/proc/cpuinfo", "model name")
    memory_gib = int(_field("/proc/meminfo", "MemTotal").split()[0]) / (1 << 20)
    tools = {argv[0]: _first_line(argv) for argv in _VERSIONS}
    return {
        "processor": f"{cpu}, {len(os.sched_getaffinity(0))} cores",
        "memory": f"{memory_gib:.0f} GiB",
        "kernel": platform.release(),
        "python": platform.python_version(),
        **tools,
    }


def _field(path: str, name: str) -> str:
    for line in Path(path).read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return "unknown"


def _first_line(argv: tuple[str, ...]) -> str:
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=10)
    except FileNotFoundError:
        return "not installed"
    return done.stdout.partition("\n")[0]
