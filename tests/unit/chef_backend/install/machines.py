"""A machine in memory, which remembers what was asked of it."""

from __future__ import annotations

from chef_backend.base.errors import ChefBackendError, ServiceFailed
from chef_backend.base.paths import Paths
from chef_backend.install.event import Event, Script
from chef_backend.install.perform import Machine, perform
from chef_backend.install.steps import MAP_COUNT
from chef_backend.resources.fake import FakeHost
from chef_backend.resources.host import Kind, Observed


class FakeMachine:
    """Boot, supervisor and kernel in one; `did` lists the calls."""

    def __init__(self, *, running: bool = False, configured: bool = False) -> None:
        self.did: list[str] = []
        self.said: list[str] = []
        self.host = FakeHost()
        self.paths = Paths()
        self.running = running
        self.stops = True
        self.count = MAP_COUNT
        self.may_raise = True
        self.broken: ChefBackendError | None = None
        if configured:
            self.host.add(self.paths.receipt, Observed(Kind.FILE, content=b"{}"))
            self.host.add(self.paths.sv / "etcd", Observed(Kind.FOLDER))

    def machine(self) -> Machine:
        return Machine(self.host, self.paths, self, self, self, self._files_only, self.said.append)

    def perform(self, script: Script, words: str, version: str = "3.2.0-1") -> Event:
        return perform(self.machine(), script, version, tuple(words.split()))

    def reload(self) -> None:
        self.did.append("reload")

    def enable(self) -> None:
        self.did.append("enable")

    def disable(self) -> None:
        self.did.append("disable")

    def is_running(self) -> bool:
        return self.running

    def start(self) -> None:
        self.did.append("start")
        self.running = True

    def stop(self) -> None:
        self.did.append("stop")
        if not self.stops:
            raise ServiceFailed("it does not stop")
        self.running = False

    def map_count(self) -> int:
        return self.count

    def raise_map_count(self) -> bool:
        self.did.append("raise")
        return self.may_raise

    def _files_only(self, *, enable: bool) -> None:
        self.did.append("files and links" if enable else "files")
        if self.broken:
            raise self.broken
