"""Elasticsearch's answers become values, and everything else an error in a few words."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from chef_backend.elasticsearch.client import HttpSearch
from chef_backend.elasticsearch.model import ClusterHealth, SearchNode, SearchUnavailable

ANSWERS = {
    "/": {"version": {"number": "6.8.23"}},
    "/_cluster/health": {
        "cluster_name": "ChefBackend-422d20f3",
        "status": "yellow",
        "timed_out": False,
        "number_of_nodes": 2,
        "unassigned_shards": 5,
    },
    "/_cat/nodes": [
        {"name": "b", "ip": "10.0.0.2", "master": "*"},
        {"name": "a", "ip": "10.0.0.1", "master": "-"},
    ],
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Stub)
        body = server.answers.get(self.path.partition("?")[0])
        self.send_response(200 if body is not None else 503)
        self.end_headers()
        self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


class Stub(HTTPServer):
    answers: dict[str, object]


@pytest.fixture
def server() -> Iterator[Stub]:
    """A local server that gives the recorded answers."""
    stub = Stub(("127.0.0.1", 0), Handler)
    stub.answers = dict(ANSWERS)
    thread = threading.Thread(target=stub.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield stub
    stub.shutdown()
    stub.server_close()
    thread.join()


def client(server: Stub) -> HttpSearch:
    return HttpSearch(f"http://127.0.0.1:{server.server_port}/", timeout_s=5)


def test_answers_become_values(server: Stub) -> None:
    """Version, health and nodes, the master among them."""
    found = client(server)
    assert found.version() == "6.8.23"
    assert found.health() == ClusterHealth("yellow", 2, "ChefBackend-422d20f3", 5)
    assert found.nodes() == (SearchNode("a", "10.0.0.1", master=False), SearchNode("b", "10.0.0.2", master=True))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (None, "HTTP 503"),
        (b"<html>", "no JSON"),
        ({}, "without status"),
        ([], "without status"),
        ({"status": 1}, "status"),
    ],
    ids=str,
)
def test_other_answers_are_told_in_a_few_words(server: Stub, answer: object, message: str) -> None:
    """Nothing of what a library thinks of it reaches the operator."""
    server.answers["/_cluster/health"] = answer
    with pytest.raises(SearchUnavailable, match=message):
        client(server).health()


def test_nobody_there() -> None:
    """A port where nothing listens."""
    with pytest.raises(SearchUnavailable, match="connection refused"):
        HttpSearch("http://127.0.0.1:1", timeout_s=5).health()
