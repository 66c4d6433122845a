"""What leaderl is told, and what it refuses."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from chef_backend.base.errors import Conflict, NotPermitted
from chef_backend.base.paths import Paths
from chef_backend.config.facts import HostFacts
from chef_backend.config.load import load
from chef_backend.leader.settings import read_settings
from chef_backend.roles.leaderl import sys_config
from chef_backend.roles.node import Identity, Node
from chef_backend.secrets.model import Secrets

GUID = "0123456789abcdef" * 2
SECRETS = Secrets.of(
    {
        "postgresql": {"db_superuser_password": "super-pass", "replication_password": "repl-pass"},
        "etcd": {"initial_cluster_token": "token"},
        "elasticsearch": {"cluster_name": "ChefBackend-0"},
    }
)


def document(text: str = "") -> dict[str, Any]:
    """What reconfigure writes for this chef-backend.rb."""
    facts = HostFacts(2**33, 2, "be1.example.com", ("10.0.0.5", "127.0.0.1"), "15")
    node = Node(load(text, facts, "x"), SECRETS, facts, Paths(), Identity(GUID, "be1"), "3.2.0")
    found: dict[str, Any] = json.loads(sys_config(node).reveal())
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sys.config"


def changed(name: str, value: object) -> dict[str, Any]:
    """Return the document with another value for a dotted name; None removes it."""
    whole = copy.deepcopy(document())
    *sections, key = name.split(".")
    part = whole
    for section in sections:
        part = part[section]
    part.pop(key) if value is None else part.update({key: value})
    return whole


def test_what_reconfigure_writes_is_what_leaderl_reads(path: Path) -> None:
    path.write_text(json.dumps(document()))
    found = read_settings(path)
    assert (found.guid, found.name, found.ip, found.http_port) == (GUID, "be1", "10.0.0.5", 7331)
    # By the loopback: 10.0.0.5 may be another machine's by now, and that one's cluster another.
    assert found.etcd_endpoints == ("http://127.0.0.1:2379",)
    assert (found.ttl_s, found.interval_s, found.database.timeout_s) == (30, 5, 2)
    assert found.database.password.reveal() == "super-pass"
    assert found.sentinels.no_start == Path("/var/opt/chef-backend/leaderl/data/no-start-pgsql")
    assert found.sentinels.may_start == Path("/run/chef-backend/leaderl/postgresql-may-start")
    assert "super-pass" not in repr(found)


@pytest.mark.parametrize(("ttl_s", "interval_s", "fence_s"), [(30, 5, 5.0), (10, 2, 2.5), (5, 1, 1.25), (120, 5, 5.0)])
def test_the_times_that_decisions_follow_from(path: Path, ttl_s: int, interval_s: int, fence_s: float) -> None:
    text = f"leaderl.leader_ttl_seconds = {ttl_s}\nleaderl.health_check.interval_seconds = {interval_s}"
    path.write_text(json.dumps(document(text)))
    found = read_settings(path)
    policy = found.policy()
    assert (policy.ttl_s, policy.fence_s, policy.margin_s) == (ttl_s, fence_s, interval_s)
    assert not policy.followers_stand
    # A read, the members and a renewal, each as late as may be: before the end begins.
    assert interval_s + 3 * found.election_timeout_s <= ttl_s - fence_s


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("guid", None, "'guid' is missing"),
        ("postgresql.port", None, "'port' is missing"),
        ("sentinels.may_start", None, "'may_start' is missing"),
        ("postgresql.port", "x", "invalid literal for int"),
        ("http", 7, "not subscriptable"),
        ("format", 2, "has format 2, this version knows 1"),
        ("leader_ttl_s", 0, "leader_ttl_s is 0: seconds are expected, more than 0"),
        ("interval_s", -1, "interval_s is -1"),
        ("etcd.timeout_s", float("inf"), "etcd.timeout_s is inf"),
        ("postgresql.timeout_s", float("nan"), "postgresql.timeout_s is nan"),
        ("leader_ttl_s", 24, "a leader that lives 24 s must be looked at every 4.8 s or more often, not every 5 s"),
    ],
)
def test_what_is_missing_or_contradicts_itself_is_named(path: Path, name: str, value: object, words: str) -> None:
    path.write_text(json.dumps(changed(name, value)))
    with pytest.raises(Conflict) as caught:
        read_settings(path)
    assert words in caught.value.message
    assert "super-pass" not in caught.value.message


@pytest.mark.parametrize("content", ["", "{", "[]", "null"])
def test_what_is_no_document_is_refused_with_what_to_do(path: Path, content: str) -> None:
    path.write_text(content)
    with pytest.raises(Conflict, match=r"sys\.config") as caught:
        read_settings(path)
    assert "chef-backend-ctl reconfigure" in caught.value.hint


def test_a_file_that_is_not_there_is_refused_with_what_to_do(path: Path) -> None:
    with pytest.raises(Conflict, match="No such file") as caught:
        read_settings(path)
    assert (caught.value.hint, caught.value.exit_code) == ("run `chef-backend-ctl reconfigure`", 11)


def test_a_file_of_others_is_refused(tmp_path: Path) -> None:
    class Closed(type(tmp_path)):  # type: ignore[misc]
        def read_bytes(self) -> bytes:
            raise PermissionError

    with pytest.raises(NotPermitted, match="may not be read"):
        read_settings(Closed(tmp_path))
