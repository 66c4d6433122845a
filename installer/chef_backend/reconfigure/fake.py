"""A whole node in memory: files, services and databases that act on each other as the real ones do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from chef_backend.base.clock import FakeClock
from chef_backend.base.errors import Busy, InvalidSecrets
from chef_backend.base.paths import Paths
from chef_backend.config.facts import HostFacts
from chef_backend.config.load import load
from chef_backend.config.model import Settings
from chef_backend.elasticsearch.fake import FakeSearch
from chef_backend.etcd import wal
from chef_backend.etcd.fake import FakeEtcd
from chef_backend.postgresql.effects import needs_restart
from chef_backend.postgresql.fake import FakeDatabase
from chef_backend.postgresql.versions import version
from chef_backend.reconfigure.machine import Machine
from chef_backend.resources.fake import FakeHost
from chef_backend.resources.host import Kind, Observed
from chef_backend.roles.node import Node
from chef_backend.roles.supervision import SERVICES
from chef_backend.secrets.generate import complete
from chef_backend.secrets.parse import parse
from chef_backend.secrets.store import Loaded
from chef_backend.supervise.fake import FakeSupervisor
from chef_backend.supervise.state import ServiceState
from chef_backend.supervise.supervisor import Order
from chef_backend.tls.fake import FakeMaker

Files = dict[Path, bytes]

_STEP_S = 0.01
_YEARS_S = 3650 * 86_400.0


class FakeNode:
    """One node; `text` is its chef-backend.rb. Each change takes a moment.

    A link in service/ has a service supervised, once the supervisor runs; PostgreSQL reads its files when it starts and
    is reloaded; etcd makes its data when it starts for the first time, and has no leader where that was interrupted;
    leaderl leads while etcd and PostgreSQL are up.
    """

    def __init__(self, text: str = "", *, major: str = "15") -> None:
        self.text = text
        self.facts = HostFacts(8 * 2**30, 2, "be1", ("10.0.2.15", "127.0.0.1", "::1"), major)
        self.paths = Paths()
        self.clock = FakeClock()
        self.host = FakeHost(tick=self._pass)
        paths = self.paths
        for folder in (paths.sv, paths.service, paths.init, paths.etc.parent, paths.data.parent, paths.logs.parent):
            self.host.add(folder, Observed(Kind.FOLDER, mode=0o755))
        self.services = FakeSupervisor(self.clock, running=False)
        self.postgresql = FakeDatabase(conf=self._conf, needs_restart=self._needs_restart, spend=self.host.spend)
        self.etcd = FakeEtcd()
        self.search = FakeSearch()
        self.maker = FakeMaker(self.host, self.clock.now().timestamp() + _YEARS_S)
        self.logs: dict[Path, list[str]] = {}
        self.holder = ""
        self.entropy: Callable[[int], bytes] = lambda count: b"\x07" * count
        self._pids: dict[str, int] = {}
        self._started_with: dict[str, Files] = {}

    @property
    def machine(self) -> Machine:
        """The node as a reconfigure sees it."""
        return Machine(
            paths=self.paths,
            host=self.host,
            sources=_Sources(self),
            supervisor=_Supervised(self),
            process=_Process(self),
            clients=_Clients(self),
            maker=self.maker,
            clock=self.clock,
            version="3.2.0",
            entropy=self.entropy,
            lock=self._lock,
            last_lines=self._last_lines,
        )

    def runs(self, service: str) -> bool:
        """Tell whether a service runs."""
        state = self.services.state(service)
        return state is not None and state.is_up

    @property
    def etcds_log(self) -> Path:
        """Where etcd keeps what it was told."""
        return self.paths.etcd_member / "wal" / wal.FIRST

    @property
    def leads(self) -> bool:
        """Whether leaderl says so."""
        return self.etcd.available and all(self.runs(name) for name in ("postgresql", "leaderl"))

    def is_current(self, service: str) -> bool:
        """Tell whether a service runs, and has run with its files as they are since it started."""
        return self.runs(service) and self._started_with[service] == self._files_of(service)

    def pid(self, service: str) -> int:
        """Return the number of the process that a service is, 0 when it does not run."""
        state = self.services.state(service)
        return state.process.pid if state else 0

    def crash(self, service: str) -> None:
        """End a service; its supervisor starts it again at once."""
        self.services.send(service, Order.TERM)
        self.settle()

    def settle(self) -> None:
        """Let everything do what follows from what is there now."""
        linked = [name for name in SERVICES if self.host.observe(self.paths.service / name).kind is Kind.LINK]
        for name in linked:
            if name not in self.services.services and self._exists(self.paths.sv / name / "down"):
                self.services.down.add(name)
        self.services.services = (*linked, *(f"{name}/log" for name in linked))
        log = self.etcds_log
        if self.runs("etcd") and not self._exists(log):
            self.host.add(log, Observed(Kind.FILE, mode=0o600, content=b"with entries"))
        self.etcd.available = self.runs("etcd") and not wal.has_only_its_head(self.host.observe(log).content)
        self.search.up = self.runs("elasticsearch")
        self._serve()
        for name in linked:
            if self.pid(name) != self._pids.get(name, 0):
                self._started_with[name], self._pids[name] = self._files_of(name), self.pid(name)

    # Methods rather than lambdas: a copy of a node is to have its own.
    def _pass(self) -> None:
        self.clock.advance(_STEP_S)

    def _conf(self) -> bytes:
        return self.host.observe(self.paths.postgresql_data(self.facts.postgresql_major) / "postgresql.conf").content

    def _needs_restart(self, name: str) -> bool:
        return needs_restart(name, version(self.facts.postgresql_major))

    def _last_lines(self, log: Path, lines: int) -> list[str]:
        return self.logs.get(log, [])[-lines:]

    def _serve(self) -> None:
        server, pid = self.postgresql, self.pid("postgresql")
        if not pid or self._exists(self.paths.no_start_pgsql) or not server.initialised:
            server.up = False
        elif not server.up or pid != self._pids.get("postgresql"):
            server.start(self.clock.now().timestamp())

    def _files_of(self, service: str) -> Files:
        """Return what a service reads when it starts, PostgreSQL's own files apart."""
        own = {"elasticsearch": self.paths.elasticsearch / "config", "leaderl": self.paths.leaderl_data}
        folder = self.paths.sv / service
        return {
            path: found.content
            for path, found in self.host.tree.items()
            if path == folder / "run" or path.parent in {folder / "env", own.get(service)}
        }

    def _exists(self, path: Path) -> bool:
        return self.host.observe(path).kind is not Kind.MISSING

    @contextmanager
    def _lock(self, command: str) -> Iterator[None]:
        if self.holder:
            raise Busy(f"`{self.holder}` (pid 1) is changing this node")
        self.holder = command
        try:
            yield
        finally:
            self.holder = ""


class _Sources:
    """See Sources: what the node's files say."""

    def __init__(self, node: FakeNode) -> None:
        self._node = node

    def facts(self) -> HostFacts:
        return self._node.facts

    def settings(self, facts: HostFacts) -> Settings:
        return load(self._node.text, facts, "chef-backend.rb")

    def secrets(self, *, configured: bool, is_ours: Callable[[bytes], bool]) -> Loaded:
        path = self._node.paths.secrets
        found = self._node.host.observe(path)
        if found.kind is Kind.MISSING and configured:
            raise InvalidSecrets(f"{path} is gone, and this node is configured with what it held")
        warning = "" if found.kind is Kind.MISSING or is_ours(found.content) else f"{path} is not ours"
        return Loaded(*complete(parse(found.content, str(path)) if found.content else {}, self._node.entropy), warning)


class _Supervised:
    """See Supervisor: a FakeSupervisor of the services that are linked."""

    def __init__(self, node: FakeNode) -> None:
        self._node = node

    def defined(self) -> tuple[str, ...]:
        return self._node.services.defined()

    def enabled(self) -> tuple[str, ...]:
        return self._node.services.enabled()

    def state(self, service: str) -> ServiceState | None:
        self._node.settle()
        return self._node.services.state(service)

    def send(self, service: str, order: Order) -> bool:
        self._node.host.spend()
        self._node.settle()
        ends = order is Order.HUP and service == "leaderl"
        sent = self._node.services.send(service, Order.TERM if ends else order)
        self._node.settle()
        return sent


class _Process:
    """See SupervisorProcess."""

    def __init__(self, node: FakeNode) -> None:
        self._node = node

    def is_running(self) -> bool:
        return self._node.services.running

    def start(self) -> None:
        if not self._node.services.running:
            self._node.host.spend()
            self._node.services.running = True
        self._node.settle()

    def stop(self) -> None:
        self._node.host.spend()
        self._node.services.running = False
        self._node.settle()


class _Clients:
    """See Clients."""

    def __init__(self, node: FakeNode) -> None:
        self._node = node

    def database(self, node: Node) -> FakeDatabase:  # noqa: ARG002 - there is one
        self._node.settle()
        return self._node.postgresql

    def etcd(self, node: Node) -> FakeEtcd:  # noqa: ARG002 - there is one
        self._node.settle()
        return self._node.etcd

    def search(self, node: Node) -> FakeSearch:  # noqa: ARG002 - there is one
        self._node.settle()
        return self._node.search

    def leads(self, node: Node) -> bool | None:  # noqa: ARG002 - there is one
        self._node.settle()
        return self._node.leads if self._node.runs("leaderl") else None
