"""A host that is as a test says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from chef_backend.cluster.ports import Holder
from chef_backend.health.world import Disk

MOUNTINFO: Final = "25 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n"
FILES: Final[Mapping[str, str]] = {
    "/etc/os-release": 'ID=debian\nVERSION_ID="12"\n',
    "/etc/passwd": "root:x:0:0::/root:/bin/sh\nchef_pgsql:x:998:998::/:\nchef-backend:x:997:997::/:\n",
    "/proc/1/limits": "Max open files            1048576              1048576              files     \n",
    "/proc/1/status": "CapBnd:\t000001ffffffffff\n",
    "/proc/cpuinfo": "processor\t: 0\nflags\t\t: fpu sse4_1 sse4_2\n",
    "/proc/self/mountinfo": MOUNTINFO,
    "/proc/sys/fs/nr_open": "1048576\n",
    "/proc/sys/vm/max_map_count": "262144\n",
    "/proc/sys/vm/overcommit_memory": "0\n",
    "/sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never\n",
}


@dataclass(slots=True)
class FakeWorld:
    """A host on which all is well, but for what a test changes."""

    files: dict[str, str] = field(default_factory=lambda: dict(FILES))
    running: frozenset[str] = frozenset({"systemd", "chronyd"})
    answers: dict[tuple[str, ...], str] = field(default_factory=lambda: {("locale", "-a"): "C\nC.utf8\nPOSIX\n"})
    free_mb: int = 50_000
    times_s: tuple[float, ...] = (0.001,) * 200
    names: dict[str, tuple[str, ...]] = field(default_factory=lambda: {"be1": ("10.0.2.15",)})
    error_s: float | None = 0.01
    listeners: dict[int, Holder] = field(default_factory=dict)
    users: frozenset[str] = frozenset()
    pages: dict[str, str] = field(default_factory=dict)

    def read(self, path: str) -> str:
        """See World."""
        return self.files.get(path, "")

    def programs(self) -> frozenset[str]:
        """See World."""
        return self.running

    def asked(self, *argv: str) -> str | None:
        """See World."""
        return self.answers.get(argv)

    def disk(self, path: Path) -> Disk:
        """See World."""
        return Disk(path, self.free_mb, 1_000_000, 900_000)

    def sync_times_s(self, path: Path) -> tuple[float, ...]:  # noqa: ARG002 - there is one disk
        """See World."""
        return self.times_s

    def addresses_of(self, name: str) -> tuple[str, ...]:
        """See World."""
        return self.names.get(name, ())

    def clock_error_s(self) -> float | None:
        """See World."""
        return self.error_s

    def holders(self, ports: Iterable[int]) -> Mapping[int, Holder]:
        """See World."""
        return {port: self.listeners[port] for port in ports if port in self.listeners}

    def page(self, address: str) -> str:
        """See World."""
        return self.pages.get(address, "")

    def knows_user(self, name: str) -> bool:
        """See World."""
        return name in self.users
