"""What differs between PostgreSQL's versions, all of it, and the texts that come of it."""

from __future__ import annotations

from dataclasses import asdict, fields
from operator import attrgetter
from pathlib import Path

import pytest

from chef_backend.base.errors import Conflict
from chef_backend.config.facts import HostFacts
from chef_backend.config.load import load
from chef_backend.postgresql.conf import Certificate, render, server_settings
from chef_backend.postgresql.versions import CHANGES, Version, oldest, since, version, version_of

OLD = {
    "major": "9.5",
    "wal_level": "hot_standby",
    "wal_keep": "wal_keep_segments",
    "wal_keep_is_size": False,
    "wal_size_unit": "16MB",
    "wal_folder": "pg_xlog",
    "current_position": "pg_current_xlog_location",
    "received_position": "pg_last_xlog_receive_location",
    "flushed_column": "flush_location",
    "position_difference": "pg_xlog_location_diff",
    "wal_file_name": "pg_xlogfile_name",
    "password_encryption": "on",
    "tls_reloads": False,
    "has_recovery_conf": True,
    "standby_reloads": False,
    "key_may_be_roots": False,
    "has_tls_minimum": False,
    "has_access_view": False,
    "has_backup_manifest": False,
}
NEW = {
    "major": "15",
    "wal_level": "replica",
    "wal_keep": "wal_keep_size",
    "wal_keep_is_size": True,
    "wal_size_unit": "MB",
    "wal_folder": "pg_wal",
    "current_position": "pg_current_wal_lsn",
    "received_position": "pg_last_wal_receive_lsn",
    "flushed_column": "flush_lsn",
    "position_difference": "pg_wal_lsn_diff",
    "wal_file_name": "pg_walfile_name",
    "password_encryption": "md5",
    "tls_reloads": True,
    "has_recovery_conf": False,
    "standby_reloads": True,
    "key_may_be_roots": True,
    "has_tls_minimum": True,
    "has_access_view": True,
    "has_backup_manifest": True,
}
CONF = """\
# Written by chef-backend-ctl reconfigure: put changes into /etc/chef-backend/chef-backend.rb.
DateStyle = 'iso, mdy'
TimeZone = 'UTC'
archive_command = ''
archive_mode = 'off'
archive_timeout = 0
checkpoint_completion_target = 0.5
checkpoint_timeout = '5min'
checkpoint_warning = '30s'
effective_cache_size = '4096MB'
hot_standby = 'on'
lc_messages = 'C'
listen_addresses = '*'
log_checkpoints = on
log_destination = 'stderr'
log_line_prefix = '[%p] %q%u@%d %r '
log_min_duration_statement = -1
log_timezone = 'UTC'
logging_collector = off
max_connections = 350
max_replication_slots = 12
max_wal_senders = 12
max_wal_size = '1024MB'
min_wal_size = '80MB'
password_encryption = 'on'
port = 5432
shared_buffers = '2048MB'
ssl = on
ssl_cert_file = '/ssl/crt'
ssl_ciphers = 'CIPHERS'
ssl_key_file = '/ssl/key'
ssl_prefer_server_ciphers = on
tcp_keepalives_count = 2
tcp_keepalives_idle = 60
tcp_keepalives_interval = 15
unix_socket_directories = '/socket'
wal_keep_segments = 32
wal_level = 'hot_standby'
wal_log_hints = 'on'
work_mem = '8MB'
"""


@pytest.mark.parametrize("expected", [OLD, NEW], ids=["9.5", "15"])
def test_everything_that_is_known_of_the_two_that_are_built(expected: dict[str, object]) -> None:
    assert asdict(version(str(expected["major"]))) == expected


@pytest.mark.parametrize(
    ("number", "major"),
    [(90525, "9.5"), (90624, "9.6"), (100023, "10"), (110022, "11"), (130000, "13"), (150018, "15"), (170001, "17")],
)
def test_a_server_says_its_version_as_a_number(number: int, major: str) -> None:
    assert version_of(number) == version(major)


@pytest.mark.parametrize("major", ["9.4", "18", "15.2", "", "x", "9.5.1", "-1"])
def test_a_version_that_is_not_known(major: str) -> None:
    with pytest.raises(Conflict, match=r"is not known; 9\.5 to 17 are"):
        version(major)


def test_each_version_has_what_changed_up_to_it() -> None:
    """In the order of the releases, each change of the type of what it replaces."""
    assert list(CHANGES) == sorted(CHANGES)
    first = version("9.5")
    names = {field.name for field in fields(Version)}
    for number, changes in CHANGES.items():
        assert set(changes) <= names - {"major"}
        major = f"{number[0]}.{number[1]}" if number < (10, 0) else f"{number[0]}"
        found = version(major)
        for name, value in changes.items():
            assert type(value) is type(getattr(first, name))
            assert getattr(found, name) == value


def conf(major: str) -> str:
    facts = HostFacts(8 * 2**30, 2, "be1", ("10.0.0.1",), major)
    settings = load("ssl.ciphers = 'CIPHERS'", facts, "chef-backend.rb")
    pair = Certificate(Path("/ssl/crt"), Path("/ssl/key"))
    return render(server_settings(settings, version(major), Path("/socket"), pair), version(major)).decode()


def test_the_whole_configuration_of_95() -> None:
    assert conf("9.5") == CONF


def test_the_whole_configuration_of_15_differs_in_these_lines() -> None:
    old, new = CONF.splitlines(), conf("15").splitlines()
    assert [line for line in old if line not in new] == [
        "password_encryption = 'on'",
        "wal_keep_segments = 32",
        "wal_level = 'hot_standby'",
    ]
    assert [line for line in new if line not in old] == [
        "password_encryption = 'md5'",
        "ssl_min_protocol_version = 'TLSv1.2'",
        "wal_keep_size = '512MB'",
        "wal_level = 'replica'",
        "include_dir = 'conf.d'",
    ]


def test_since_when_something_holds() -> None:
    """And of what always did, no version is told."""
    assert (oldest().major, oldest().tls_reloads) == ("9.5", False)
    assert since(attrgetter("tls_reloads")) == "10"
    assert since(attrgetter("key_may_be_roots")) == "9.6"
    assert not since(attrgetter("has_recovery_conf"))
