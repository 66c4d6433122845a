"""PostgreSQL of the product, made, run and asked as on a node: under runsv, as a user without rights."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from ports import free_ports
from prefix import INSTALL, program

from chef_backend.base.clock import SystemClock, wait_for
from chef_backend.base.errors import Conflict
from chef_backend.base.paths import Paths
from chef_backend.base.proc import Command, SystemRunner
from chef_backend.base.secret import Redactor, Secret
from chef_backend.config.facts import HostFacts
from chef_backend.config.load import load
from chef_backend.postgresql.conf import Literal, server_settings
from chef_backend.postgresql.control import Role
from chef_backend.postgresql.effects import needs_restart
from chef_backend.postgresql.running import Difference, differences
from chef_backend.postgresql.server import LocalDatabase, Place, md5_password
from chef_backend.resources.apply import apply, read_receipt
from chef_backend.resources.desired import settle
from chef_backend.resources.effects import Effect
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


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """Made as a reconfigure makes it, running under runsv."""
    if os.geteuid() != 0:
        pytest.skip("only root can run a service as another user")
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


def test_everything_that_is_written_runs(installation: Installation) -> None:
    """No setting is misspelt, unknown to this version, or overridden by another file."""
    assert installation.differences() == ()
    assert set(installation.wanted) <= set(installation.database.running())


def test_the_server_agrees_on_what_needs_a_restart(installation: Installation) -> None:
    """A reload is announced for exactly those settings that take effect by one."""
    running, version = installation.database.running(), installation.node.postgresql
    by_server = {name for name in installation.wanted if running[name].context == "postmaster"}
    assert {name for name in installation.wanted if needs_restart(name, version)} == by_server
    standby = {name for name in ("primary_conninfo", "primary_slot_name") if name in running}
    assert all(needs_restart(name, version) == (running[name].context == "postmaster") for name in standby)


def test_the_roles_are_made_once_and_their_passwords_are_never_logged(installation: Installation) -> None:
    """This server logs every statement, but neither a password nor its hash, which is as good to an attacker."""
    database = installation.database
    assert database.ensure_roles(ROLES) == ("replicator",) or database.ensure_roles(ROLES) == ()
    changed = Role("replicator", Secret("another-password"))
    assert database.ensure_roles((changed,)) == ("replicator",)
    assert database.ensure_roles(ROLES) == ("replicator",)
    assert database.ensure_roles(ROLES) == ()
    for role in ROLES:
        with_password = installation.connect(role.name, role.password.reveal(), sslmode="require")
        with_password.close()
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        installation.connect("replicator", "wrong-password")
    wait_for("the log", lambda: "password authentication failed" in installation.log(), within_s=20, clock=CLOCK)
    log = installation.log()
    assert "select 1" in log
    hashes = [md5_password(role) for role in (*ROLES, changed)]
    assert not any(word in log for word in (*PASSWORDS, "another-password", *hashes, "alter role", "create role"))


def test_only_root_and_the_servers_user_need_no_password(installation: Installation) -> None:
    argv = (str(program("psql")), "-w", "-h", str(installation.node.socket_folder), "-p", str(installation.port))
    psql = Command(argv=(*argv, "-U", "chef_pgsql", "-d", "postgres", "-Atc", "select 6*7"), timeout_s=30)
    assert installation.runner.run(psql).out == "42\n"
    as_owner = Command(argv=psql.argv, timeout_s=30, user=USER)
    assert installation.runner.run(as_owner).out == "42\n"
    other = installation.runner.run(Command(argv=psql.argv, timeout_s=30, user="bin"), check=False)
    assert "Peer authentication failed" in other.err


def test_what_a_reload_can_do_is_done_by_one(installation: Installation) -> None:
    before = installation.database.running()["work_mem"].value
    plan = installation.reconfigure("postgresql.work_mem = '9MB'\npostgresql.md5_auth_cidr_addresses = ['samehost']")
    assert plan.effects["postgresql"] is Effect.RELOAD
    installation.database.reload()
    wait_for("9MB", lambda: installation.differences() == (), within_s=20, clock=CLOCK)
    assert installation.database.running()["work_mem"].value != before


def test_what_needs_a_restart_waits_for_it(installation: Installation) -> None:
    assert installation.reconfigure("postgresql.max_connections = 351").effects["postgresql"] is Effect.RESTART
    installation.database.reload()
    (found,) = wait_for(
        "a pending restart",
        lambda: (each for each in [installation.differences()] if any(item.pending_restart for item in each)),
        within_s=20,
        clock=CLOCK,
    )
    assert [(item.name, item.running) for item in found if item.pending_restart] == [("max_connections", "350")]
    installation.reconfigure()
    installation.database.reload()
    wait_for("all as before", lambda: installation.differences() == (), within_s=20, clock=CLOCK)


def test_another_value_by_hand_is_seen(installation: Installation) -> None:
    """ALTER SYSTEM takes precedence over postgresql.conf, and would do so unnoticed."""
    admin = installation.connect("chef_pgsql", PASSWORDS[0])
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute("alter system set work_mem = '3MB'")
        installation.database.reload()
        wait_for("the value by hand", installation.differences, within_s=20, clock=CLOCK)
        (found,) = installation.differences()
        assert (found.name, found.pending_restart) == ("work_mem", False)
        assert found.source.endswith("postgresql.auto.conf")
        cursor.execute("alter system reset work_mem")
    admin.close()
    installation.database.reload()
    wait_for("all as before", lambda: installation.differences() == (), within_s=20, clock=CLOCK)


def test_the_certificate_is_good_for_its_time_and_then_renewed(installation: Installation) -> None:
    key = installation.node.certificate.key
    assert (key.stat().st_mode & 0o7777, key.owner()) == (0o600, USER)
    first = key.read_bytes()
    now = time.time()
    assert installation.certify(now) is None
    assert installation.certify(now + 3640 * 86400) is Reason.ENDS_SOON
    assert key.read_bytes() != first
    installation.database.reload()
    key.write_bytes(first)
    assert installation.certify(now) is Reason.OTHER_KEY


def test_a_second_initdb_changes_nothing_and_another_version_is_refused(installation: Installation) -> None:
    assert not installation.database.initialise(Secret("other"))
    version = installation.node.folder("postgresql.data_dir") / "PG_VERSION"
    text = version.read_text()
    version.write_text("9.4\n")
    try:
        with pytest.raises(Conflict, match=r"holds data of PostgreSQL 9\.4"):
            installation.database.initialise(Secret("other"))
    finally:
        version.write_text(text)


def test_a_stop_does_not_wait_for_clients(installation: Installation) -> None:
    """A connected client would hold a smart shutdown (TERM) up for ever; this one is fast, and clean."""
    client = installation.connect("chef_pgsql", PASSWORDS[0])
    supervisor = RunitSupervisor(installation.node.paths)
    outcome = tell(supervisor, "postgresql", Verb.STOP, CLOCK, wait_s=30)
    assert outcome.ok, outcome.line
    wait_for("the log", lambda: "received fast shutdown request" in installation.log(), within_s=20, clock=CLOCK)
    client.close()
    assert not installation.database.ready().is_ready
    assert tell(supervisor, "postgresql", Verb.START, CLOCK).ok
    wait_for("PostgreSQL", lambda: installation.database.ready().is_ready, within_s=60, clock=CLOCK)


def test_the_sentinel_keeps_it_from_starting(installation: Installation) -> None:
    paths = installation.node.paths
    supervisor = RunitSupervisor(paths)
    paths.leaderl_data.mkdir(parents=True, exist_ok=True)
    paths.no_start_pgsql.touch()
    tell(supervisor, "postgresql", Verb.RESTART, CLOCK)
    wait_for("it to wait", lambda: "waiting until" in installation.log(), within_s=20, clock=CLOCK)
    assert not installation.database.ready().is_ready
    stopped = tell(supervisor, "postgresql", Verb.STOP, CLOCK, wait_s=20)
    assert stopped.ok, stopped.line
    tell(supervisor, "postgresql", Verb.START, CLOCK)
    paths.no_start_pgsql.unlink()
    wait_for("PostgreSQL", lambda: installation.database.ready().is_ready, within_s=60, clock=CLOCK)
