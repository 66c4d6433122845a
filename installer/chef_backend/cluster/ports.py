"""Which program listens on a port, from what the kernel says in /proc."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chef_backend.base.paths import Paths
from chef_backend.config.model import Settings
from chef_backend.roles.elasticsearch import TRANSPORT_PORT
from chef_backend.roles.node import Node

_LISTENS: Final = "0A"  # TCP_LISTEN of the kernel's include/net/tcp_states.h
_TABLES: Final = ("tcp", "tcp6")
_INODE: Final = 9


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that listens on a port; `program` is its executable, "" where it cannot be told."""

    pid: int = 0
    program: str = ""
    parent: int = 0

    def __str__(self) -> str:
        return f"{self.program} (pid {self.pid})" if self.pid else "a process of another container or namespace"


def listening(table: str) -> Iterator[tuple[int, str]]:
    """Yield port and inode of each listening socket of /proc/net/tcp or tcp6: see proc(5). Pure."""
    for line in table.splitlines()[1:]:
        fields = line.split()
        if len(fields) > _INODE and fields[3] == _LISTENS:
            yield int(fields[1].rpartition(":")[2], 16), fields[_INODE]


def holders(ports: Iterable[int], proc: Path = Path("/proc")) -> dict[int, Holder]:
    """Return who listens on those of the ports that are taken."""
    wanted = set(ports)
    inodes: dict[str, int] = {}
    for name in _TABLES:
        with suppress(OSError):
            found = listening((proc / "net" / name).read_text(encoding="ascii"))
            inodes |= {inode: port for port, inode in found if port in wanted}
    return {port: Holder() for port in sorted(set(inodes.values()))} | _owners(inodes, proc) if inodes else {}


def needed(node: Node) -> dict[int, str]:
    """Return the ports that a node's services listen on, each with its service."""
    return needed_by(node.settings)


def needed_by(settings: Settings) -> dict[int, str]:
    """Return the same for these settings."""
    own = (
        ("etcd.client_port", "etcd"),
        ("etcd.peer_port", "etcd"),
        ("postgresql.port", "postgresql"),
        ("elasticsearch.port", "elasticsearch"),
        ("leaderl.http_port", "leaderl"),
    )
    found = {settings.integer(setting): service for setting, service in own}
    return found | {TRANSPORT_PORT: "elasticsearch"}


def conflicts(ports: Iterable[int], found: Mapping[int, Holder], embedded: Path) -> dict[int, Holder]:
    """Return those of the ports that a program other than our own services has. Pure."""
    return {port: found[port] for port in sorted(ports) if port in found and embedded not in _folders(found[port])}


def taken(node: Node, found: Mapping[int, Holder], paths: Paths) -> list[str]:
    """Return a line for each needed port that a program other than our own services has. Pure."""
    ports = needed(node)
    return [
        f"port {port} is needed by {ports[port]}, and {holder} listens on it"
        for port, holder in conflicts(ports, found, paths.embedded).items()
    ]


def _folders(holder: Holder) -> Iterable[Path]:
    return Path(holder.program).parents


def _owners(inodes: Mapping[str, int], proc: Path) -> dict[int, Holder]:
    """Return the processes that hold these sockets."""
    found: dict[int, Holder] = {}
    sockets = {f"socket:[{inode}]": port for inode, port in inodes.items()}
    for process in proc.glob("[0-9]*"):
        with suppress(OSError):
            for item in (process / "fd").iterdir():
                with suppress(OSError):
                    port = sockets.get(str(item.readlink()))
                    if port is not None and port not in found:
                        found[port] = Holder(int(process.name), _program(process), _parent(process))
    return found


def _program(process: Path) -> str:
    with suppress(OSError):
        return str((process / "exe").readlink())
    return "a program"


def _parent(process: Path) -> int:
    with suppress(OSError):
        return int((process / "stat").read_bytes().rpartition(b")")[2].split()[1])
    return 0
