"""A node in memory that can be stopped for good and cleansed, and interrupted at any change."""

from __future__ import annotations

import json
import signal
from collections.abc import Collection, Sequence
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path

from chef_backend.base.clock import FakeClock
from chef_backend.base.errors import ServiceFailed
from chef_backend.base.paths import Paths
from chef_backend.etcd.model import Member
from chef_backend.removal.guard import Guard
from chef_backend.removal.machine import Machine
from chef_backend.removal.processes import Process
from chef_backend.removal.sweep import Left
from chef_backend.resources.fake import FakeHost
from chef_backend.resources.host import Identity, Kind, Observed
from chef_backend.resources.receipt import Entry, Receipt, render

GUID = "9ba1b142895bf54e0c8337fa02ffa62c"
OTHER = "11111111111111111111111111111111"
PATHS = Paths()
SAVED = Path("/root/chef-backend-cleanse-2026-01-01T00:00")


def member(guid: str) -> Member:
    return Member(1, guid, (), ())


class FakeProcesses:
    """Processes that end at a signal of `obeys`."""

    def __init__(self, *processes: Process, obeys: Collection[signal.Signals] = (signal.SIGTERM,)) -> None:
        self.left = list(processes)
        self.obeys = obeys
        self.sent: list[tuple[int, signal.Signals]] = []

    def running(self) -> tuple[Process, ...]:
        return tuple(self.left)

    def send(self, process: Process, number: signal.Signals) -> None:
        self.sent.append((process.pid, number))
        if number in self.obeys:
            self.left.remove(process)


class FakeSweep:
    """Deletes from a FakeHost's tree, a change for each file."""

    def __init__(self, host: FakeHost, guard: Guard, stubborn: Collection[Path] = ()) -> None:
        self.left: list[Left] = []
        self.guard = guard
        self._host = host
        self._stubborn = stubborn

    def empty(self, folder: Path, *, keep: Collection[str] = ()) -> None:
        for path in sorted(self._host.tree, reverse=True):
            if folder in path.parents and path.relative_to(folder).parts[0] not in keep:
                self._delete(path)

    def remove(self, path: Path) -> None:
        self.empty(path)
        if path in self._host.tree:
            self._delete(path)

    def _delete(self, path: Path) -> None:
        if any(path == each or path in each.parents for each in self._stubborn):
            if path in self._stubborn:
                self.left.append(Left(path, "Operation not permitted", failed=True))
            return
        if self._host.fails_at is not None and self._host.changes >= self._host.fails_at:
            self._host.write_link(path, "x")  # which interrupts
        self._host.changes += 1
        self._host.tree.pop(path)


class FakeNode:
    """A member of a cluster whose etcd answers with `members`; `did` lists what was asked of the supervisor."""

    def __init__(
        self, *, members: Sequence[str] | None = (GUID,), outside: str = "", host: FakeHost | None = None
    ) -> None:
        self.paths = PATHS
        self.host = host or FakeHost()
        self.clock = FakeClock()
        self.processes = FakeProcesses()
        self.members = members
        self.did: list[str] = []
        self.stops = True
        self.stubborn: set[Path] = set()
        self.sweeps: list[FakeSweep] = []
        self._fill(outside)

    def machine(self) -> Machine:
        return Machine(
            paths=self.paths,
            host=self.host,
            supervision=self,
            processes=self.processes,
            clock=self.clock,
            ask=self._ask,
            sweep=self._sweep,
            save=self._save,
            lock=lambda _command: nullcontext(),
        )

    def retire(self) -> None:
        self.did.append("retire")
        if not self.stops:
            self.stops = True
            raise ServiceFailed("it does not stop")

    def add(self, path: Path, content: bytes = b"x") -> None:
        self.host.add(path, Observed(Kind.FILE, content=content))

    def _fill(self, outside: str) -> None:
        paths = self.paths
        self.host.users |= {"chef_pgsql": Identity(901, 901), "chef-backend": Identity(902, 902)}
        data = Path(outside or paths.postgresql_data("15"))
        settings = {"etcd": {"client_port": 2479}, "postgresql": {"data_dir": str(data)}}
        self.add(paths.running, json.dumps({"chef-backend": settings}).encode())
        self.add(paths.config)
        self.add(paths.identity, json.dumps({"guid": GUID}).encode())
        self.add(data / "PG_VERSION", b"15\n")
        self.add(paths.etcd / "data/member/wal")
        self.add(paths.logs / "etcd/current")
        self.add(paths.command_logs / "cleanse.log")
        self.add(paths.backups / "chef-backup-2026-01-01-00-00-00.tgz")
        self.add(paths.sv / "etcd/run")
        self.host.add(paths.home, Observed(Kind.FOLDER, mode=0o700))
        for name in ("etcd", "probe"):
            self.host.add(paths.service / name, Observed(Kind.LINK, target=str(paths.sv / name)))
        entries = {
            data: (Entry(Kind.FOLDER, "chef_pgsql", "chef_pgsql", 0o700),),
            paths.service / "etcd": (Entry(Kind.LINK, target=str(paths.sv / "etcd")),),
            paths.running: (Entry(Kind.FILE, "other", "other", 0o640),),
        }
        self.add(paths.receipt, render(Receipt(entries)))

    def _ask(self, _endpoints: Sequence[str]) -> tuple[Member, ...] | None:
        return None if self.members is None else tuple(map(member, self.members))

    def _sweep(self, guard: Guard, backups: Path) -> FakeSweep:
        assert backups == self.paths.backups
        self.sweeps.append(FakeSweep(self.host, guard, self.stubborn))
        return self.sweeps[-1]

    def _save(self, source: Path, home: Path, _now: datetime) -> Path | None:
        if not self.host.list_folder(source):
            return None
        for name in self.host.list_folder(source):
            self.host.tree[home / SAVED.name / name] = self.host.observe(source / name)
        return home / SAVED.name
