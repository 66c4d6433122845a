"""A PostgreSQL of the product, made and run as on a node, in a folder of its own: under runsv, as an ordinary user."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2
from ports import free_ports
from prefix import INSTALL, program

from chef_backend.base.clock import SystemClock, wait_for
from chef_backend.base.paths import Paths
from chef_backend.base.proc import Command, SystemRunner
from chef_backend.base.secret import Redactor
from chef_backend.config.facts import HostFacts
from chef_backend.config.load import load
from chef_backend.postgresql.conf import Literal, server_settings
from chef_backend.postgresql.control import Role
from chef_backend.postgresql.running import Difference, differences
from chef_backend.postgresql.server import LocalDatabase, Place
from chef_backend.resources.apply import apply, read_receipt
from chef_backend.resources.desired import settle
from chef_backend.resources.plan import Plan, make_plan
from chef_backend.resources.real import RealHost
from chef_backend.resources.view import look
from chef_backend.roles.folders import folders
from chef_backend.roles.node import Identity, Node
from chef_backend.roles.postgresql import MANAGED, postgresql
from chef_backend.roles.tls import tls
from chef_backend.secrets.model import Secrets
from chef_backend.supervise.runit import RunitSupervisor
from chef_backend.supervise.verbs import Verb, tell
from chef_backend.tls.due import Reason
from chef_backend.tls.ensure import Place as CertificatePlace
from chef_backend.tls.ensure import ensure
from chef_backend.tls.openssl import OpenSsl

CLOCK = SystemClock()
USER = "daemon"  # has a group of its name on every distribution
PASSWORDS = ("super-%s-pass" % ("a" * 90), "repl'ica\\tion")
SECRETS = Secrets.of(
    {
        "postgresql": {"db_superuser_password": PASSWORDS[0], "replication_password": PASSWORDS[1]},
        "etcd": {"initial_cluster_token": "cluster-token"},
        "elasticsearch": {"cluster_name": "ChefBackend-00112233"},
    }
)
ROLES = (
    Role("chef_pgsql", SECRETS.db_superuser_password, superuser=True),
    Role("replicator", SECRETS.replication_password),
)


@dataclass
class Installation:
    """A node's PostgreSQL below a folder of its own; `extra` is added to chef-backend.rb."""

    root: Path
    port: int
    extra: str = ""
    runner: SystemRunner = field(default_factory=lambda: SystemRunner(Redactor(list(SECRETS.every()))))

    @property
    def node(self) -> Node:
        text = f"""
            postgresql.username = '{USER}'
            leaderl.username = '{USER}'
            leaderl.runsv_group = '{USER}'
            postgresql.port = {self.port}
            postgresql.shared_buffers = '16MB'
            postgresql.log_min_duration_statement = 0
            {self.extra}
        """
        major = self.runner.run(Command(argv=(str(program("postgres")), "--version"), timeout_s=30)).out.split()[2]
        short = ".".join(major.split(".")[:2]) if major.startswith("9") else major.split(".")[0]
        facts = HostFacts(2**30, 2, "be1", ("10.0.2.15", "127.0.0.1"), short)
        settings = load(text, facts, "chef-backend.rb")
        return Node(settings, SECRETS, facts, Paths(self.root), Identity("0" * 32, "be1"), "3.2.0")

    @property
    def database(self) -> LocalDatabase:
        node = self.node
        place = Place(
            node.folder("postgresql.data_dir"),
            node.socket_folder,
            self.port,
            "chef_pgsql",
            USER,
            node.facts.postgresql_major,
            MANAGED,
        )
        return LocalDatabase(place, self.runner, INSTALL / "embedded/bin")

    @property
    def wanted(self) -> Mapping[str, Literal]:
        node = self.node
        return server_settings(node.settings, node.postgresql, node.socket_folder, node.certificate)

    def reconfigure(self, extra: str = "") -> Plan:
        self.extra = extra
        node, host = self.node, RealHost(self.runner)
        desired = settle([*folders(node), *tls(node), *postgresql(node)])
        receipt = read_receipt(host, node.paths.receipt)
        plan = make_plan(desired, look(host, desired, receipt), receipt)
        apply(plan, host, receipt=node.paths.receipt, now=time.time)
        return plan

    def certify(self, now: float) -> Reason | None:
        node = self.node
        place = CertificatePlace(node.certificate.certificate, node.certificate.key, USER, USER)
        return ensure(node.settings, place, OpenSsl(self.runner, program("openssl")), RealHost(self.runner), now)

    def log(self) -> str:
        folder = self.node.folder("postgresql.log_directory")
        return "".join(path.read_text(errors="replace") for path in folder.glob("*current*"))

    def differences(self) -> tuple[Difference, ...]:
        return differences(self.wanted, self.database.running())

    def connect(self, user: str, password: str, **options: str) -> Any:
        return psycopg2.connect(
            host="127.0.0.1", port=self.port, user=user, password=password, dbname="postgres", **options
        )


@contextmanager
def running_installation() -> Iterator[Installation]:
    """Yield one that was made as a reconfigure makes it, and runs under runsv."""
    # Not pytest's folder, which only root enters.
    root = Path(tempfile.mkdtemp(prefix="cb-pg"))
    root.chmod(0o755)
    for folder in ("etc", "var/opt", "var/log", "opt/chef-backend"):
        (root / folder).mkdir(parents=True)
    for folder in ("sv", "service", "init"):
        (root / "opt/chef-backend" / folder).mkdir()
    (root / "opt/chef-backend/embedded").symlink_to(INSTALL / "embedded")
    found = Installation(root, free_ports(1)[0])
    process = None
    try:
        found.reconfigure()
        assert found.certify(time.time()) is Reason.MISSING
        assert found.database.initialise(SECRETS.db_superuser_password)
        process = subprocess.Popen([program("runsv"), root / "opt/chef-backend/sv/postgresql"])
        wait_for("PostgreSQL", lambda: found.database.ready().is_ready, within_s=60, clock=CLOCK, evidence=found.log)
        yield found
    finally:
        if process is not None:
            tell(RunitSupervisor(Paths(root)), "postgresql", Verb.STOP, CLOCK, wait_s=30)
            process.terminate()
            process.wait(30)
        shutil.rmtree(root)
