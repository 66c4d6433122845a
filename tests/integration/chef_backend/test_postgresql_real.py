"""PostgreSQL of the product, made, run and asked as on a node: under runsv, as a user without rights."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg2
import pytest
from ports import free_ports
from postgres import CLOCK, PASSWORDS, ROLES, USER, Installation
from prefix import program

from chef_backend.base.clock import wait_for
from chef_backend.base.errors import CommandFailed, Conflict
from chef_backend.base.proc import Command, Completed, Runner
from chef_backend.base.secret import Secret
from chef_backend.config.load import load
from chef_backend.leader.postgres import LocalPostgres
from chef_backend.leader.settings import DatabaseSettings
from chef_backend.postgresql.control import Role
from chef_backend.postgresql.effects import needs_restart
from chef_backend.postgresql.server import md5_password
from chef_backend.postgresql.slots import FOLDER, STATE, Slot, parse_slot, too_little
from chef_backend.resources.effects import Effect
from chef_backend.resources.real import RealHost
from chef_backend.supervise.runit import RunitSupervisor
from chef_backend.supervise.verbs import Verb, tell
from chef_backend.tls.due import Reason, due
from chef_backend.tls.ensure import Place as CertificatePlace
from chef_backend.tls.openssl import OpenSsl
from chef_backend.tls.request import request
from chef_backend.tls.usable import require_usable


def test_everything_that_is_written_runs(installation: Installation) -> None:
    """No setting is misspelt, unknown to this version, or overridden by another file."""
    assert installation.differences() == ()
    assert 0 < time.time() - installation.database.started_at() < 3600
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


def test_another_port_waits_for_a_restart_and_the_server_is_found_meanwhile(installation: Installation) -> None:
    """By the commands and by leaderl, which are told the new one at once: leaderl would give the leadership up."""
    before, (after,) = installation.port, free_ports(1)
    installation.port = after
    try:
        assert installation.reconfigure().effects["postgresql"] is Effect.RESTART
        installation.database.reload()
        wait_for("a pending restart", installation.differences, within_s=20, clock=CLOCK)
        assert [item.name for item in installation.differences() if item.pending_restart] == ["port"]
        data, socket = installation.node.folder("postgresql.data_dir"), str(installation.node.socket_folder)
        told = DatabaseSettings(socket, after, "chef_pgsql", ROLES[0].password, 5.0, data, 5)
        assert LocalPostgres(told, CLOCK).look(0).error == ""
    finally:
        installation.port = before
        installation.reconfigure()
        installation.database.reload()
    wait_for("all as before", lambda: installation.differences() == (), within_s=20, clock=CLOCK)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("wrok_mem = 1", "wrok_mem: unrecognized configuration parameter"),
        ("work_mem = 'many'", "work_mem: setting could not be applied"),
        ("= 1", "syntax error"),
    ],
)
def test_what_the_server_does_not_take_is_told(installation: Installation, line: str, error: str) -> None:
    """Before it has to start with that."""
    path = installation.node.folder("postgresql.data_dir") / "postgresql.conf"
    before = path.read_text()
    path.write_text(f"{before}{line}\n")
    try:
        assert installation.database.mistakes() == (f"{path}:{len(before.splitlines()) + 1}: {error}",)
    finally:
        path.write_text(before)
    assert installation.database.mistakes() == ()


def test_what_it_does_not_take_of_who_may_connect_is_told(installation: Installation) -> None:
    path = installation.node.folder("postgresql.data_dir") / "pg_hba.conf"
    before = path.read_text()
    path.write_text(f"{before}host all all 10.0.0.0/99 md5\n")
    try:
        found = installation.database.mistakes()
    finally:
        path.write_text(before)
    number = len(before.splitlines()) + 1
    wanted = (f'{path}:{number}: invalid CIDR mask in address "10.0.0.0/99"',)
    assert found == (wanted if installation.node.postgresql.has_access_view else ())


def test_what_waits_for_a_restart_is_no_mistake(installation: Installation) -> None:
    installation.reconfigure("postgresql.max_connections = 351")
    installation.database.reload()
    wait_for("a pending restart", installation.differences, within_s=20, clock=CLOCK)
    assert installation.database.mistakes() == ()
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


@dataclass(frozen=True)
class Bare:
    """Runs programs where /proc is empty, and so /dev/stdin leads nowhere."""

    runner: Runner

    def run(self, command: Command, *, check: bool = True) -> Completed:
        hide = ("unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /proc && exec "$@"', "sh")
        return self.runner.run(replace(command, argv=(*hide, *command.argv)), check=check)


def test_a_certificate_is_made_in_a_bare_chroot(installation: Installation, tmp_path: Path) -> None:
    """Its key is in no file meanwhile, nor read from one that a root without /proc does not have."""
    made = OpenSsl(Bare(installation.runner), program("openssl")).make(request(installation.node.settings))
    certificate, key = tmp_path / "made.crt", tmp_path / "made.key"
    certificate.write_bytes(made.certificate)
    key.write_text(made.key.reveal())
    key.chmod(0o600)
    found = OpenSsl(installation.runner, program("openssl")).look(certificate, key)
    assert due(found, time.time(), 3650) is None
    assert b"PRIVATE" not in made.certificate
    assert "CERTIFICATE" not in made.key.reveal()


def test_an_interrupted_renewal_is_mended(installation: Installation) -> None:
    """Its key is there, and not yet its certificate: PostgreSQL would not start, until the next reconfigure."""
    pair = installation.node.certificate
    certificate = pair.certificate.read_bytes()
    now = time.time()
    assert installation.certify(now + 3640 * 86400) is Reason.ENDS_SOON
    pair.certificate.write_bytes(certificate)
    assert installation.certify(now) is Reason.OTHER_KEY
    supervisor = RunitSupervisor(installation.node.paths)
    tell(supervisor, "postgresql", Verb.RESTART, CLOCK, wait_s=30)
    wait_for("PostgreSQL", lambda: installation.database.ready().is_ready, within_s=60, clock=CLOCK)
    assert accepts(installation, sslmode="verify-ca", sslrootcert=str(pair.certificate))


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


def test_slots_are_read_from_their_files(installation: Installation) -> None:
    """As the server has them, and it does not start with fewer: that is why a reconfigure refuses it."""
    data = installation.node.folder("postgresql.data_dir")
    admin = installation.connect("chef_pgsql", PASSWORDS[0])
    admin.autocommit = True
    with admin.cursor() as cursor:
        for name in ("one", "two", "three"):
            cursor.execute("select pg_create_physical_replication_slot(%s)", (name,))
        cursor.execute("select slot_name, database is not null from pg_replication_slots order by 1")
        there = [Slot(name, is_logical) for name, is_logical in cursor.fetchall()]
        found = [parse_slot((path / STATE).read_bytes()) for path in sorted((data / FOLDER).iterdir())]
        assert found == there == [Slot("one"), Slot("three"), Slot("two")]
        assert installation.database.senders() == 0
    settings = load("postgresql.max_replication_slots 2", installation.node.facts, "chef-backend.rb")
    assert list(too_little(settings, there, 0))
    single = ("--single", "-D", str(data), "-c", "max_replication_slots=2", "postgres")
    supervisor = RunitSupervisor(installation.node.paths)
    assert tell(supervisor, "postgresql", Verb.STOP, CLOCK, wait_s=30).ok
    with pytest.raises(CommandFailed, match="too many replication slots active before shutdown"):
        installation.runner.run(Command(argv=(str(program("postgres")), *single), timeout_s=60, user=USER))
    admin.close()
    assert tell(supervisor, "postgresql", Verb.START, CLOCK).ok
    wait_for("PostgreSQL", lambda: installation.database.ready().is_ready, within_s=60, clock=CLOCK)
    admin = installation.connect("chef_pgsql", PASSWORDS[0])
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute("select pg_drop_replication_slot(slot_name) from pg_replication_slots")
    admin.close()


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


@pytest.mark.parametrize("fault", ["ciphers", "another key", "open key", "a way that is closed", "none"])
def test_what_is_refused_of_tls_is_what_the_server_does_not_take(installation: Installation, fault: str) -> None:
    """It would not start with it, and says so nowhere but in its log."""
    folder = installation.root / f"own-{fault.replace(' ', '-')}"
    folder.mkdir(mode=0o700 if fault == "a way that is closed" else 0o755)
    made = OpenSsl(installation.runner, program("openssl"))
    one, other = (made.make(request(installation.node.settings)) for _ in range(2))
    for name, content in (("crt", one.certificate), ("key", (other if fault == "another key" else one).key.reveal())):
        path = folder / f"own.{name}"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path.chmod(0o644 if name == "crt" or fault == "open key" else 0o600)
        shutil.chown(path, USER, USER)
    own = f"ssl.certificate '/{folder.name}/own.crt'\nssl.certificate_key '/{folder.name}/own.key'\n"
    installation.reconfigure(own + ("ssl.ciphers 'NOSUCH:-ALL'" if fault == "ciphers" else ""))
    node = installation.node
    place = CertificatePlace(node.certificate.certificate, node.certificate.key, USER, USER)
    before = installation.log().count("SSL configuration was not reloaded")
    installation.database.reload()
    try:
        require_usable(node.settings, place, node.postgresql, made, RealHost(installation.runner))
    except Conflict:
        said = lambda: installation.log().count("SSL configuration was not reloaded") > before  # noqa: E731
        wait_for("the server to say so", said, within_s=20, clock=CLOCK, evidence=installation.log)
        assert fault != "none"
    else:
        assert fault == "none"
        shown = {"sslmode": "verify-ca", "sslrootcert": str(folder / "own.crt")}
        wait_for("the new one", lambda: accepts(installation, **shown), within_s=20, clock=CLOCK)
    finally:
        installation.reconfigure()
        installation.database.reload()


def accepts(installation: Installation, **options: str) -> bool:
    try:
        installation.connect("chef_pgsql", PASSWORDS[0], **options).close()
    except psycopg2.OperationalError:
        return False
    return True
