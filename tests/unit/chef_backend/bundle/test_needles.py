"""Every secret of a node is known to the scan, from wherever it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chef_backend.base.paths import Paths
from chef_backend.bundle.needles import needles
from chef_backend.resources.fake import FakeHost
from chef_backend.resources.host import Kind, Observed

PATHS = Paths()
SECRETS = {
    "postgresql": {"db_superuser_password": "aaaaaaaa", "replication_password": "bbbbbbbb"},
    "etcd": {"initial_cluster_token": "cccccccc"},
    "elasticsearch": {"cluster_name": "ChefBackend-1234"},
    "more": [{"somebody": "dddddddd"}],
}
RUNNING = {
    "chef-backend": {
        "ssl": {"data_dir": "/keys", "certificate_key": "/own/my.pem"},
        "postgresql": {"db_superuser_password": "old-one", "environment": {"AWS_SECRET_KEY": "eeee", "TZ": "UTC"}},
    }
}
SYS_CONFIG = {"postgresql": {"user": "chef_pgsql", "password": "ffffffff"}}


def host_with(files: dict[Path, bytes]) -> FakeHost:
    host = FakeHost()
    for path, content in files.items():
        host.add(path, Observed(Kind.FILE, content=content))
    return host


def found(files: dict[Path, bytes]) -> set[str]:
    return {secret.reveal() for secret in needles(host_with(files), PATHS)}


def test_values_and_keys_are_found_but_names_are_not() -> None:
    """What nobody must see, of every file that has it; a folder's or a cluster's name is no secret."""
    files = {
        PATHS.secrets: json.dumps(SECRETS).encode(),
        PATHS.running: json.dumps(RUNNING).encode(),
        PATHS.leaderl_config: json.dumps(SYS_CONFIG).encode(),
        Path("/keys/postgresql.key"): b"-----BEGIN PRIVATE KEY-----\nMIIE\nvQ==\n-----END PRIVATE KEY-----\n",
        Path("/keys/postgresql.crt"): b"-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----\n",
        PATHS.config: b"fqdn 'be1'\netcd.environment { 'A_TOKEN' => 'gggggggg', 'X' => '1' }\n",
        Path("/own/my.pem"): b"-----BEGIN EC PRIVATE KEY-----\nMHcC\n-----END EC PRIVATE KEY-----\n",
    }
    values = {letter * 8 for letter in "abcdf"} | {"old-one", "eeee", "A_TOKEN", "gggggggg"}
    assert found(files) == values | {"MIIEvQ==", "MHcC"}


@pytest.mark.parametrize(
    "content", [b'{"postgresql": {"db_superuser_password": "hunter2', b"hunter2\xff\n", b"hunter2"]
)
def test_a_damaged_secrets_file_gives_every_word_of_it(content: bytes) -> None:
    """Its values are a node's secrets all the same."""
    words = found({PATHS.secrets: content})
    assert "hunter2" in words
    assert "db_superuser_password" not in words


def test_a_value_in_a_line_that_is_wrong_counts_as_a_secret() -> None:
    """The doctor's words about that line show it; of settings, only those named so are."""
    config = b"# fqdn 'comment'\nfqdn 'be1.example.org'\nnonsense 'hunter2'\n  etcd.passphrase \"swordfish\"\nx 'y'\n"
    config += b"postgresql['username'] = 'dba-team'\n"
    assert found({PATHS.config: config}) == {"hunter2", "swordfish"}


def test_a_node_without_any_has_none() -> None:
    """As the package was just installed."""
    assert found({}) == set()


def test_a_link_to_a_secrets_file_is_read() -> None:
    """Other commands refuse it, but what it leads to is secret."""
    host = host_with({Path("/srv/secrets.json"): json.dumps(SECRETS).encode()})
    host.add(PATHS.secrets, Observed(Kind.LINK, target="/srv/secrets.json"))
    assert "aaaaaaaa" in {secret.reveal() for secret in needles(host, PATHS)}
