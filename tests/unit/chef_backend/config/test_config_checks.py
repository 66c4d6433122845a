from __future__ import annotations

import pytest

from chef_backend.config.facts import HostFacts
from chef_backend.config.load import examine

FATAL = {
    "ttl below 5 intervals": ("leaderl.leader_ttl_seconds 24", "must be at least 5 times"),
    "interval as the old documentation has it": (
        "leaderl.health_check.interval_seconds 150",
        "Chef's documentation says it the other way round",
    ),
    "etcd's timeout": ("etcd.election_timeout 2499", "must be at least 5 times etcd.heartbeat_interval: 2500"),
    "one port twice": ("leaderl.http_port 5432", "leaderl.http_port is 5432, which is taken by postgresql.port"),
    "the transport's port": ("etcd.peer_port 9300", "taken by Elasticsearch's nodes among themselves"),
    "foreign address": ("publish_address '10.0.2.16'", "is not on this node"),
    "loopback": ("publish_address '127.0.0.1'", "no other node can reach"),
    "wildcard": ("publish_address '0.0.0.0'", "no other node can reach"),
    "address of the other version": ("publish_address '2001:db8::15'", "set ip_version 'ipv6'"),
    "version without an address": ("ip_version 'ipv6'\npublish_address '10.0.2.15'", "an address of ipv6"),
    "leaderl on loopback": ("leaderl.http_address '127.0.0.1'", "no frontend can reach"),
    "leaderl elsewhere": ("leaderl.http_address '10.0.2.16'", "is not on this node"),
    "leaderl on the other version": ("ip_version 'ipv6'\nleaderl.http_address '0.0.0.0'", "write '::'"),
    "key without certificate": ("ssl.certificate_key '/x'", "ssl.certificate_key is set without ssl.certificate"),
    "one folder for two": ("elasticsearch.data_dir '/srv/a'\npostgresql.data_dir '/srv/a/'", "are both /srv/a"),
    "folder in a folder": ("ssl.data_dir '/srv/a/b'\npostgresql.data_dir '/srv/a'", "ssl.data_dir /srv/a/b is inside"),
    "data in a log folder": ("postgresql.data_dir '/var/log/chef-backend/etcd/x'", "is inside etcd.log_directory"),
    "etcd's folder": ("elasticsearch.data_dir '/var/opt/chef-backend/etcd/data'", "which is not its own"),
    "the package's folder": ("postgresql.data_dir '/opt/chef-backend/data'", "is inside /opt/chef-backend"),
    "the system's folder": ("postgresql.data_dir '/var'", "is a folder of the system"),
    "a parent of all": ("elasticsearch.temp_directory '/var/opt/chef-backend/'", "is a folder of the system"),
    "volatile data": ("postgresql.data_dir '/tmp/pg'", "whose files do not last"),
    "heap above memory": ("elasticsearch.heap_size 992", "this node has 992 MB"),
    "buffers above memory": ("postgresql.shared_buffers '1GB'", "postgresql.shared_buffers is 1024 MB"),
    "new generation above heap": ("elasticsearch.new_size 400", "and the whole heap 330 MB"),
    "WAL upside down": ("postgresql.min_wal_size '2GB'", "postgresql.min_wal_size is more than"),
    "senders without connections": ("postgresql.max_connections 12", "must be less than postgresql.max_connections"),
    "no hints": ("postgresql.wal_log_hints 'off'", "pg_rewind"),
    "no hot standby": ("postgresql.hot_standby false", "leaderl could not look at a follower"),
    "one role": ("postgresql.replication_user 'chef_pgsql'", "share one role"),
    "leaderl without power": ("postgresql.username 'database'", "leaderl.username is chef_pgsql, and must be"),
    "pool upside down": ("leaderl.etcd_pool.init_count 11", "leaderl.etcd_pool.max_count only 10"),
}
WARNED = {
    "little memory left": ("elasticsearch.heap_size 700", "take 948 of 992 MB"),
    "archiving to nowhere": ("postgresql.archive_mode 'on'", "without an archive_command"),
}
ALLOWED = {
    "temporary folder above the others": "elasticsearch.temp_directory '/var/opt/chef-backend/elasticsearch/'",
    "logs in one place": "etcd.log_directory '/srv/log'\nleaderl.log_directory '/srv/log'",
    "data on another disk": "postgresql.data_dir '/srv/pg/data'\nelasticsearch.data_dir '/srv/es'",
    "an unusual spelling of an address": "ip_version 'ipv6'\npublish_address '2001:DB8:0::15'",
    "exactly 5 times": "leaderl.leader_ttl_seconds 25",
    "everything in IPv6": "ip_version 'ipv6'",
    "certificate with key": "ssl.certificate '/a'\nssl.certificate_key '/b'",
}


@pytest.mark.parametrize("case", FATAL)
def test_what_contradicts_itself(case: str, facts: HostFacts) -> None:
    """Each contradiction is one problem at a line that is part of it."""
    text, part = FATAL[case]
    (problem,) = examine(text, facts, "f").problems
    assert part in f"{problem.message} {problem.hint}"
    assert problem.place.line >= 1


@pytest.mark.parametrize("case", WARNED)
def test_what_is_doubtful(case: str, facts: HostFacts) -> None:
    """What works but will hurt is a warning."""
    text, part = WARNED[case]
    loaded = examine(text, facts, "f")
    assert loaded.problems == ()
    (warning,) = loaded.settings.warnings
    assert part in warning.message


@pytest.mark.parametrize("case", ALLOWED)
def test_what_only_looks_wrong(case: str, facts: HostFacts) -> None:
    """Sensible configurations pass without a word."""
    loaded = examine(ALLOWED[case], facts, "f")
    assert loaded.problems == ()
    assert loaded.settings.warnings == ()


def test_a_heap_beyond_compressed_pointers(facts: HostFacts) -> None:
    """From 32 GB on the operator hears that a larger heap holds less."""
    large = HostFacts(128 * 2**30, 8, facts.fqdn, facts.addresses, "15")
    assert [each.message for each in examine("elasticsearch.heap_size 32767", large, "f").settings.warnings] == []
    (warning,) = examine("elasticsearch.heap_size 32768", large, "f").settings.warnings
    assert "too large for compressed object pointers" in warning.message
