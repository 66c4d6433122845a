"""The configuration of PostgreSQL's versions, as text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chef_backend.base.secret import Secret
from chef_backend.config.facts import HostFacts
from chef_backend.config.load import load
from chef_backend.config.model import Settings
from chef_backend.postgresql.access import pg_hba, pg_ident
from chef_backend.postgresql.conf import Certificate, literal, parse, render, server_settings
from chef_backend.postgresql.effects import conf_rule, needs_restart
from chef_backend.postgresql.standby import Primary, passfile, secret_file, standby_files
from chef_backend.postgresql.versions import version
from chef_backend.resources.effects import Effect, ServiceEffect

FACTS = HostFacts(992 * 2**20, 2, "be1", ("10.0.2.15",), "15")
SOCKETS = Path("/var/opt/chef-backend/postgresql/15/socket")
CERTIFICATE = Certificate(Path("/ssl/a.crt"), Path("/ssl/a.key"))
RELOAD = (ServiceEffect("postgresql", Effect.RELOAD),)
RESTART = (ServiceEffect("postgresql", Effect.RESTART),)


def settings(text: str = "", major: str = "15") -> Settings:
    return load(text, replace(FACTS, postgresql_major=major), "chef-backend.rb")


def conf(text: str = "", major: str = "15") -> bytes:
    found = version(major)
    return render(server_settings(settings(text, major), found, SOCKETS, CERTIFICATE), found)


def test_the_wal_of_each_version() -> None:
    """A number of segments means the same to every version."""
    old, new = parse(conf(major="9.5")), parse(conf())
    assert (old["wal_level"], old["wal_keep_segments"]) == ("'hot_standby'", "32")
    assert (new["wal_level"], new["wal_keep_size"]) == ("'replica'", "'512MB'")
    assert old["max_wal_size"] == new["max_wal_size"] == "'1024MB'"
    assert "wal_keep_segments" not in new
    assert parse(conf("postgresql.max_wal_size = '2GB'"))["max_wal_size"] == "'2GB'"
    assert parse(conf("postgresql.wal_level = 'logical'", "9.5"))["wal_level"] == "'logical'"


def test_only_versions_that_have_no_recovery_conf_include_settings() -> None:
    assert b"include_dir = 'conf.d'" in conf()
    assert b"include" not in conf(major="9.5")
    assert b"ssl_min_protocol_version" not in conf(major="9.5")


@given(st.text(st.characters(exclude_categories=["C", "Zl", "Zp"])))
def test_a_text_stays_within_its_quotation_marks(text: str) -> None:
    line = f"archive_command = {literal(text)}\n".encode()
    assert parse(line) == {"archive_command": literal(text)}


def test_reading_what_others_wrote() -> None:
    text = b"Port 5433 # comment\n#port = 1\nport=5434\n  work_mem = '8''MB'\ninclude 'x'\nbroken line here\n"
    assert parse(text) == {"port": "5434", "work_mem": "'8''MB'", "include": "'x'"}


@pytest.mark.parametrize(
    ("change", "effect"),
    [
        ("", ()),
        ("postgresql.work_mem = '9MB'", RELOAD),
        ("postgresql.max_connections = 400", RESTART),
        ("postgresql.max_connections = 400\npostgresql.work_mem = '9MB'", RESTART),
        ("ssl.ciphers = 'HIGH'", RELOAD),
    ],
)
def test_what_a_changed_setting_asks_of_a_server(change: str, effect: tuple[ServiceEffect, ...]) -> None:
    assert conf_rule(version("15"))(conf(), conf(change)) == effect


def test_tls_of_old_versions_needs_a_restart() -> None:
    assert conf_rule(version("9.5"))(conf(major="9.5"), conf("ssl.ciphers = 'HIGH'", "9.5")) == RESTART
    assert needs_restart("primary_conninfo", version("12"))
    assert not needs_restart("primary_conninfo", version("13"))


def test_a_removed_line_counts_and_a_comment_does_not() -> None:
    rule = conf_rule(version("15"))
    assert rule(conf() + b"max_locks_per_transaction = 128\nwal_buffers = 1\n", conf()) == RELOAD
    assert rule(conf().replace(b"max_connections = 350\n", b""), conf()) == RESTART
    assert rule(b"# note\n" + conf(), conf()) == ()
    assert rule(None, conf()) == RELOAD


def test_who_may_connect() -> None:
    """Two lines for each entry, as documented since the first release; nobody else comes in without a password."""
    text = pg_hba(settings("postgresql.md5_auth_cidr_addresses = ['samehost', '10.0.0.0/24']")).decode()
    lines = [line.split() for line in text.splitlines()[1:]]
    assert lines == [
        ["local", "all", "chef_pgsql", "peer", "map=chef_backend"],
        ["local", "replication", "chef_pgsql", "peer", "map=chef_backend"],
        ["host", "all", "all", "samehost", "md5"],
        ["hostssl", "replication", "replicator", "samehost", "md5"],
        ["host", "all", "all", "10.0.0.0/24", "md5"],
        ["hostssl", "replication", "replicator", "10.0.0.0/24", "md5"],
    ]
    users = pg_ident(settings()).decode().splitlines()[1:]
    assert users == ["chef_backend chef_pgsql chef_pgsql", "chef_backend root chef_pgsql"]


def test_a_follower_before_and_since_12() -> None:
    """The password is in a file of its own: in recovery.conf, or in the password file."""
    primary = Primary("10.0.0.1", 5432, "replicator", "be2", "be2")
    password = Secret("pa:s'\\s")
    (old,) = standby_files(version("9.5"), primary, password, Path("/p")).values()
    assert isinstance(old, Secret)
    assert "standby_mode = on" in old.reveal()
    new = standby_files(version("15"), primary, password, Path("/p/passfile"))
    assert set(new) == {"conf.d/standby.conf", "standby.signal"}
    assert isinstance(new["conf.d/standby.conf"], bytes)
    assert b"passfile=" in new["conf.d/standby.conf"]
    assert b"pa:" not in new["conf.d/standby.conf"]
    assert passfile("replicator", password).reveal() == "*:*:*:replicator:pa\\:s'\\\\s\n"
    folder, data = Path("/pg/15"), Path("/pg/15/data")
    assert secret_file(version("11"), folder, data) == data / "recovery.conf"
    assert secret_file(version("12"), folder, data) == folder / "passfile"
