"""A node of the built product, in a folder: etcd; PostgreSQL and leaderl under runsv, as a reconfigure makes them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import psycopg2
import requests
from ports import free_ports
from prefix import INSTALL, program

from chef_backend.base.clock import SystemClock, wait_for
from chef_backend.base.paths import Paths
from chef_backend.base.proc import SystemRunner
from chef_backend.base.secret import Redactor
from chef_backend.config.host import read_host
from chef_backend.config.load import load
from chef_backend.etcd.client import HttpEtcd
from chef_backend.leader import processes
from chef_backend.leader.record import KEY, parse
from chef_backend.postgresql.installed import installed_major
from chef_backend.postgresql.server import LocalDatabase, Place
from chef_backend.resources.apply import apply, read_receipt
from chef_backend.resources.desired import settle
from chef_backend.resources.plan import make_plan
from chef_backend.resources.real import RealHost
from chef_backend.resources.view import look
from chef_backend.roles.folders import folders
from chef_backend.roles.leaderl import leaderl
from chef_backend.roles.node import Identity, Node
from chef_backend.roles.postgresql import MANAGED, postgresql
from chef_backend.roles.tls import tls
from chef_backend.secrets.model import Secrets
from chef_backend.supervise.runit import RunitSupervisor
from chef_backend.supervise.state import ServiceState
from chef_backend.supervise.supervisor import Order
from chef_backend.supervise.verbs import Verb, tell
from chef_backend.tls.ensure import Place as CertificatePlace
from chef_backend.tls.ensure import ensure
from chef_backend.tls.openssl import OpenSsl

CLOCK = SystemClock()
USER = "daemon"  # has a group of its name on every distribution
TTL_S = 10
PASSWORD = "leader-test-password"
SECRETS = Secrets.of(
    {
        "postgresql": {"db_superuser_password": PASSWORD, "replication_password": "replication-password"},
        "etcd": {"initial_cluster_token": "cluster-token"},
        "elasticsearch": {"cluster_name": "ChefBackend-00112233"},
    }
)


@dataclass
class LeaderNode:
    """One node; `start` makes and starts all of it."""

    root: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="cb-ld")))
    ports: list[int] = field(default_factory=lambda: free_ports(4))
    runner: SystemRunner = field(default_factory=lambda: SystemRunner(Redactor(list(SECRETS.every()))))
    children: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.port, self.http_port, self.etcd_port, self.peer_port = self.ports
        self.paths = Paths(self.root)
        self.supervisor = RunitSupervisor(self.paths)
        facts = read_host(installed_major(self.runner, INSTALL / "embedded/bin"))
        # The address that others would reach it at; leaderl asks its own etcd by the loopback.
        self.address = facts.first_address(4)
        self.etcd = HttpEtcd([f"http://{self.address}:{self.etcd_port}"])
        text = f"""
            publish_address '{self.address}'
            postgresql.username = '{USER}'
            leaderl.username = '{USER}'
            leaderl.runsv_group = '{USER}'
            postgresql.port = {self.port}
            postgresql.shared_buffers = '16MB'
            etcd.client_port = {self.etcd_port}
            etcd.peer_port = {self.peer_port}
            leaderl.http_port = {self.http_port}
            leaderl.leader_ttl_seconds = {TTL_S}
            leaderl.health_check.interval_seconds = 2
            leaderl.status_internal_update_interval_seconds = 1
            leaderl.status_post_update_interval_seconds = 2
        """
        settings = load(text, facts, "chef-backend.rb")
        self.node = Node(
            settings, SECRETS, facts, self.paths, Identity("0123456789abcdef" * 2, "be1"), "3.2.0", is_member=True
        )
        self.data = self.node.folder("postgresql.data_dir")

    def start(self) -> None:
        """Make everything, and start it as a machine does that comes up: all services at once."""
        self.root.chmod(0o755)
        for folder in ("etc", "var/opt", "var/log", "opt/chef-backend", "run/chef-backend"):
            (self.root / folder).mkdir(parents=True)
        for folder in (self.paths.sv, self.paths.service, self.paths.init):
            folder.mkdir()
        self.paths.embedded.symlink_to(INSTALL / "embedded")
        node, host = self.node, RealHost(self.runner)
        desired = settle([*folders(node), *tls(node), *postgresql(node), *leaderl(node)])
        receipt = read_receipt(host, self.paths.receipt)
        plan = make_plan(desired, look(host, desired, receipt), receipt)
        apply(plan, host, receipt=self.paths.receipt, now=time.time)
        pair = CertificatePlace(node.certificate.certificate, node.certificate.key, USER, USER)
        ensure(node.settings, pair, OpenSsl(self.runner, program("openssl")), host, time.time())
        assert self.database.initialise(SECRETS.db_superuser_password)
        self.start_etcd()
        for service in ("postgresql", "leaderl"):
            self.children.append(subprocess.Popen([program("runsv"), self.paths.sv / service]))

    def stop(self) -> None:
        """End everything, and remove it; what does not end keeps nothing else from it, and is raised."""
        with ExitStack() as last_first:
            last_first.callback(shutil.rmtree, self.root)
            last_first.callback(processes.kill, self.data)
            for child in self.children:
                last_first.callback(_end, child)
            for service in ("postgresql", "leaderl"):
                last_first.callback(self._end_service, service)

    def _end_service(self, service: str) -> None:
        if self.supervisor.state(service) is None:
            return
        self.supervisor.send(service, Order.CONT)
        outcome = tell(self.supervisor, service, Verb.STOP, CLOCK, wait_s=40)
        if not outcome.ok:
            self.supervisor.send(service, Order.KILL)
            raise AssertionError(outcome.line)

    def start_etcd(self) -> None:
        client, peer = (f"http://{self.address}:{port}" for port in (self.etcd_port, self.peer_port))
        argv = [program("etcd"), "--name=be1", f"--data-dir={self.root}/etcd", "--log-level=error"]
        listened = f"http://{self.node.loopback}:{self.etcd_port},{client}"
        argv += [f"--listen-client-urls={listened}", f"--advertise-client-urls={client}"]
        argv += [f"--initial-cluster=be1={peer}"]
        argv += [f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}"]
        with (self.root / "etcd.log").open("wb") as log:
            self.children.append(subprocess.Popen(argv, stdout=log, stderr=log))
        wait_for("etcd", self.etcd.is_healthy, within_s=60, clock=CLOCK)

    @property
    def etcd_process(self) -> subprocess.Popen[bytes]:
        return next(child for child in self.children if Path(str(child.args[0])).name == "etcd")  # type: ignore[index]

    @property
    def database(self) -> LocalDatabase:
        major, folder = self.node.facts.postgresql_major, self.node.socket_folder
        place = Place(self.data, folder, self.port, "chef_pgsql", USER, major, MANAGED)
        return LocalDatabase(place, self.runner, INSTALL / "embedded/bin")

    def ask(self, path: str, method: str = "GET") -> requests.Response:
        return requests.request(method, f"http://127.0.0.1:{self.http_port}{path}", timeout=5)

    @property
    def code(self) -> int:
        """What HAProxy's check sees; 0 where nothing answers."""
        with suppress(requests.RequestException):
            return self.ask("/leader").status_code
        return 0

    def connect(self) -> Any:
        """Return a connection over the network that commits each statement."""
        connection = psycopg2.connect(
            host="127.0.0.1",
            port=self.port,
            user="chef_pgsql",
            password=PASSWORD,
            dbname="postgres",
            connect_timeout=2,
        )
        connection.autocommit = True
        return connection

    @contextmanager
    def query(self, statement: str) -> Iterator[None]:
        """Have a query run while the block does, and whatever becomes of it."""
        connection = self.connect()
        thread = threading.Thread(target=_executed, args=(connection, statement))
        thread.start()
        wait_for("the query to run", lambda: self._is_active(statement), within_s=20, clock=CLOCK)
        yield
        thread.join()
        connection.close()

    def _is_active(self, statement: str) -> bool:
        connection = self.connect()
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from pg_stat_activity where state = 'active' and query = %s", (statement,))
            found = cursor.fetchone()[0]
        connection.close()
        return bool(found)

    @property
    def status(self) -> Any:
        return self.ask("/status").json()

    @property
    def record(self) -> Any:
        return parse(self.etcd.get(KEY)).record

    @property
    def postmaster(self) -> int:
        return int((self.data / "postmaster.pid").read_text().split()[0])

    @property
    def leaderl_pid(self) -> int:
        state = self.supervisor.state("leaderl")
        return state.process.pid if state else 0

    @property
    def fencers(self) -> list[int]:
        """The fencers of this node, the newest last."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                words = (process / "cmdline").read_bytes().decode().split("\0")
                if "chef_backend.leader.fencer" in words and str(self.data) in words:
                    found.append(int(process.name))
        return sorted(found)

    def log(self, service: str = "leaderl") -> str:
        folder = self.node.folder(f"{service}.log_directory")
        return "".join(path.read_text(errors="replace") for path in sorted(folder.glob("*current*")))

    def order(self, service: str, order: Order) -> ServiceState | None:
        self.supervisor.send(service, order)
        return self.supervisor.state(service)

    def until(self, code: int, within_s: float = 60) -> float:
        """Wait for an answer to the check; return how long that took."""
        began = CLOCK.monotonic()
        what = f"{code} on /leader"
        wait_for(what, lambda: self.code == code, within_s=within_s, clock=CLOCK, every_s=0.05, evidence=self.log)
        return CLOCK.monotonic() - began


def _executed(connection: Any, statement: str) -> None:
    with suppress(psycopg2.Error), connection.cursor() as cursor:
        cursor.execute(statement)


class Writer:
    """A client that writes again and again, over the network, and knows when it last could."""

    def __init__(self, node: LeaderNode) -> None:
        self._node = node
        self._stopped = threading.Event()
        self.last = 0.0
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def __enter__(self) -> Self:
        wait_for("a first write", lambda: self.last > 0, within_s=30, clock=CLOCK)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                connection = self._node.connect()
            except psycopg2.Error:
                self._stopped.wait(0.02)
                continue
            with suppress(psycopg2.Error), connection.cursor() as cursor:
                cursor.execute("create table if not exists written (at float8)")
                while not self._stopped.is_set():
                    cursor.execute("insert into written values (0)")
                    self.last = CLOCK.monotonic()
                    self._stopped.wait(0.01)
            with suppress(psycopg2.Error):
                connection.close()


class Renewals:
    """Sees each renewal of the record; the leadership of the last one ends before `deadline`."""

    def __init__(self, node: LeaderNode) -> None:
        self._etcd = HttpEtcd([f"http://{node.address}:{node.etcd_port}"], 0.5)
        self._stopped = threading.Event()
        self._revision = 0
        self.deadline = 0.0
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def __enter__(self) -> Self:
        wait_for("a renewal", lambda: self.deadline > 0, within_s=30, clock=CLOCK)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(0.02):
            with suppress(Exception):  # an etcd that is stopped tells nothing
                value = self._etcd.get(KEY)
                if value is not None and value.revision != self._revision:
                    self._revision = value.revision
                    self.deadline = CLOCK.monotonic() + TTL_S


def _end(child: subprocess.Popen[bytes]) -> None:
    child.send_signal(signal.SIGCONT)
    child.terminate()
    try:
        child.wait(60)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
        raise


def stop_process(pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)


def continue_process(pid: int) -> None:
    os.kill(pid, signal.SIGCONT)
