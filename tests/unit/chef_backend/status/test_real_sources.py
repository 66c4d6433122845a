"""The real sources, against a local server in the place of all services: answers, silence, and other programs."""

from __future__ import annotations

import json
import os
import threading
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from three_nodes import GUIDS, NOW, SERVICES, told

from chef_backend.base.clock import FakeClock
from chef_backend.base.errors import Conflict
from chef_backend.base.paths import Paths
from chef_backend.elasticsearch.model import SearchUnavailable
from chef_backend.etcd.model import EtcdUnavailable
from chef_backend.leader.model import Role
from chef_backend.resources.fake import FakeHost
from chef_backend.status.gather import gather
from chef_backend.status.model import Failure
from chef_backend.status.node import node_status
from chef_backend.status.real import LeaderlUnavailable, NodeSources
from chef_backend.supervise.fake import FakeSupervisor


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Stub)
        body = server.answers.get(self.path.partition("?")[0])
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200 if body is not None else 503)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    do_POST = do_GET  # noqa: N815 - the base class's name

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


class Stub(ThreadingHTTPServer):
    answers: dict[str, Any]


@pytest.fixture
def server() -> Iterator[Stub]:
    """A server that answers as each service of a single node does."""
    stub = Stub(("127.0.0.1", 0), Handler)
    own = told(0, Role.LEADER)
    key, value = b64encode(f"cb/status/{GUIDS[0]}".encode()).decode(), b64encode(json.dumps(own).encode()).decode()
    stub.answers = {
        "/status": {**own, "nodes": {GUIDS[0]: own}},
        "/health": {"health": "true"},
        "/v3/kv/range": {"kvs": [{"key": key, "value": value, "mod_revision": "7"}]},
        "/v3/cluster/member/list": {
            "members": [{"ID": "1", "name": GUIDS[0], "peerURLs": ["http://127.0.0.1:1"], "clientURLs": [url(stub)]}]
        },
        "/_cluster/health": {"cluster_name": "c", "status": "green", "number_of_nodes": 1, "unassigned_shards": 0},
        "/_cat/nodes": [{"name": "backend-1", "ip": "10.0.0.1", "master": "*"}],
    }
    thread = threading.Thread(target=stub.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield stub
    stub.shutdown()
    stub.server_close()
    thread.join()


def url(server: Stub) -> str:
    return f"http://127.0.0.1:{server.server_port}"


@pytest.fixture
def paths(tmp_path: Path, server: Stub) -> Paths:
    """A node whose leaderl was told of that server."""
    found = Paths(tmp_path)
    found.leaderl_data.mkdir(parents=True)
    document = {
        "format": 1,
        "guid": GUIDS[0],
        "name": "backend-1",
        "ip": "10.0.0.1",
        "log": {"max_lines_per_s": 1000},
        "http": {"address": "0.0.0.0", "port": server.server_port},
        "etcd": {"endpoints": [url(server)], "timeout_s": 5.0},
        "leader_ttl_s": 30,
        "interval_s": 5,
        "status_internal_s": 5,
        "status_post_s": 10,
        "required_followers": 0,
        "postgresql": {
            "socket_folder": "/s",
            "port": 5432,
            "user": "chef_pgsql",
            "password": "not-to-be-shown",
            "timeout_s": 2.0,
            "data_folder": "/d",
            "max_failures": 5,
        },
        "elasticsearch": {"url": url(server)},
        "disks": {"paths": [str(tmp_path), str(tmp_path / "gone")], "least_mb": 0, "fatal": False},
        "sentinels": {"no_start": "/n", "may_start": "/m", "unsynced": "/u"},
        "run_folder": "/r",
    }
    found.leaderl_config.write_text(json.dumps(document))
    return found


def sources(paths: Paths, started: datetime = NOW) -> NodeSources:
    return NodeSources(paths, FakeHost(), FakeSupervisor(FakeClock(started), SERVICES))


def test_every_service_is_found_where_reconfigure_had_it_listen(paths: Paths, server: Stub) -> None:
    """One look through all real clients at once."""
    answers = gather(sources(paths), FakeClock(NOW))
    failures = [name for name in answers.__slots__ if isinstance(getattr(answers, name), Failure)]
    assert failures == []
    assert answers.healthy == {GUIDS[0]: True}
    shown = node_status(answers)
    assert str(shown.distributed.etcd) == "health: green; healthy nodes: 1/1"
    assert str(shown.distributed.elasticsearch) == "state: green; nodes online: 1/1"
    assert [str(disk).rpartition(": ")[2] for disk in shown.disks] == ["OK", "unknown"]  # type: ignore[union-attr]
    assert shown.bad == 0


def test_what_answers_with_an_error_is_named(paths: Paths, server: Stub) -> None:
    server.answers = {}
    found = sources(paths)
    with pytest.raises(LeaderlUnavailable, match="/status: HTTP 503"):
        found.leaderl()
    with pytest.raises(EtcdUnavailable, match="HTTP 503"):
        found.members()
    with pytest.raises(SearchUnavailable, match="/_cluster/health: HTTP 503"):
        found.search()
    assert found.is_healthy("127.0.0.1") is False
    assert found.serves() is False


@pytest.mark.parametrize(
    "body", [[], "text", 7, {"nodes": 7}, {"kvs": [{}], "members": [{}]}, {"kvs": 7, "members": 7}]
)
def test_another_program_on_the_port_is_no_traceback(paths: Paths, server: Stub, body: object) -> None:
    """Whatever JSON it answers with, the failure is an expected one."""
    server.answers = dict.fromkeys(server.answers, body)
    answers = gather(sources(paths), FakeClock(NOW))
    assert isinstance(answers.leaderl, Failure)
    assert isinstance(answers.search, Failure)
    assert "error: " in str(node_status(answers).distributed.elasticsearch)


def test_whether_a_node_serves(paths: Paths, server: Stub) -> None:
    """It leads and takes writes, or it follows; on the way to either it does not yet."""
    for role, serves in ((Role.LEADER, True), (Role.FOLLOWER, True), (Role.PROMOTING, False), (Role.DEPOSED, False)):
        server.answers["/status"] = {**told(0, role), "nodes": {}}
        assert sources(paths).serves() is serves


def test_without_leaderls_configuration_everything_says_what_is_missing(paths: Paths) -> None:
    """And how old settings are does not matter to what is asked of the supervisor."""
    paths.leaderl_config.unlink()
    with pytest.raises(Conflict, match=r"sys\.config"):
        sources(paths).me()
    answers = gather(sources(paths), FakeClock(NOW))
    assert isinstance(answers.me, Failure)
    assert set(answers.services) == set(SERVICES)


def test_a_restart_is_due_for_what_is_older_than_the_package(paths: Paths) -> None:
    """By the time at which the package's files came to this disk, not the one at which they were built."""
    manifest = paths.version_manifest
    manifest.parent.mkdir(parents=True)
    manifest.touch()
    os.utime(manifest, (1, 1))
    assert {restart.service for restart in sources(paths, datetime(2000, 1, 1, tzinfo=UTC)).restarts()} == {*SERVICES}
    assert sources(paths, datetime(2900, 1, 1, tzinfo=UTC)).restarts() == ()
