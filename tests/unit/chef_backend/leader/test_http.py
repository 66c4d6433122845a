"""What is answered on port 7331, to well-behaved clients and to others."""

from __future__ import annotations

import json
import select
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

import pytest

from chef_backend.base.clock import SystemClock
from chef_backend.leader.http import LeaderServer
from chef_backend.leader.pages import Pages, answer

CLOCK = SystemClock()


@dataclass
class Node:
    """What the pages show."""

    leads: bool = True

    @property
    def pages(self) -> Pages:
        return Pages(lambda: self.leads, lambda: {"leader": self.leads}, lambda: {"b": 1, "a": "ü"}, lambda: "m 1\n")


def parts(whole: bytes) -> tuple[str, dict[str, str], bytes]:
    """Return an answer's first line, its headers, and its body."""
    head, _, body = whole.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    return first, dict(line.split(": ", 1) for line in lines), body


@pytest.mark.parametrize(
    ("request_line", "first"),
    [
        ("GET /leader HTTP/1.1", "HTTP/1.1 200 OK"),
        ("GET /leader HTTP/1.0", "HTTP/1.1 200 OK"),
        ("HEAD /leader HTTP/1.1", "HTTP/1.1 200 OK"),
        ("GET /leader?from=haproxy HTTP/1.1", "HTTP/1.1 200 OK"),
        ("GET /status HTTP/1.1", "HTTP/1.1 200 OK"),
        ("GET /metrics HTTP/1.1", "HTTP/1.1 200 OK"),
        ("GET / HTTP/1.1", "HTTP/1.1 404 Not Found"),
        ("GET /leader/ HTTP/1.1", "HTTP/1.1 404 Not Found"),
        ("GET //leader HTTP/1.1", "HTTP/1.1 404 Not Found"),
        ("POST /leader HTTP/1.1", "HTTP/1.1 405 Method Not Allowed"),
        ("DELETE /other HTTP/1.1", "HTTP/1.1 405 Method Not Allowed"),
        ("GET /leader", "HTTP/1.1 400 Bad Request"),
        ("GET /leader HTTP/2.0", "HTTP/1.1 400 Bad Request"),
        ("", "HTTP/1.1 400 Bad Request"),
        ("\x00\xff", "HTTP/1.1 400 Bad Request"),
    ],
)
def test_each_request_has_its_answer(request_line: str, first: str) -> None:
    found, headers, body = parts(answer(request_line, Node().pages))
    assert found == first
    assert headers["Connection"] == "close"
    assert ("Allow" in headers) is ("405" in first)
    assert body == b"" or int(headers["Content-Length"]) == len(body)
    assert (body == b"") is request_line.startswith("HEAD")


def test_a_node_that_does_not_lead_says_503_and_why() -> None:
    """HAProxy's check reads nothing but the number."""
    first, _headers, body = parts(answer("GET /leader HTTP/1.1", Node(leads=False).pages))
    assert first == "HTTP/1.1 503 Service Unavailable"
    assert json.loads(body) == {"leader": False}


def test_pages_are_json_in_a_stable_order_and_text_for_prometheus() -> None:
    _first, headers, body = parts(answer("GET /status HTTP/1.1", Node().pages))
    assert (headers["Content-Type"], body) == ("application/json", b'{"a": "\\u00fc", "b": 1}\n')
    _first, headers, body = parts(answer("GET /metrics HTTP/1.1", Node().pages))
    assert (headers["Content-Type"], body) == ("text/plain; version=0.0.4; charset=utf-8", b"m 1\n")


@pytest.fixture(params=["127.0.0.1", "::1"])
def server(request: pytest.FixtureRequest) -> Iterator[LeaderServer]:
    try:
        found = LeaderServer(request.param, 0, Node().pages)
    except OSError as error:
        pytest.skip(f"{request.param}: {error}")
    found.start()
    yield found
    found.stop()


def connected(server: LeaderServer) -> socket.socket:
    family = server._socket.family
    client = socket.socket(family, socket.SOCK_STREAM)
    client.settimeout(20)
    client.connect(("::1" if family == socket.AF_INET6 else "127.0.0.1", server.port))
    return client


def asked(server: LeaderServer, *pieces: bytes) -> bytes:
    """Send something piece by piece, and return everything that comes back until the end."""
    with connected(server) as client:
        for piece in pieces:
            client.sendall(piece)
        found = b""
        while piece := client.recv(65536):
            found += piece
        return found


@pytest.mark.parametrize(
    "pieces",
    [
        (b"GET /leader HTTP/1.1\r\n\r\n",),
        # As older frontends have it, whose check ends its request line twice.
        (b"GET /leader HTTP/1.1\r\nHost:localhost:7331\r\n\r\n",),
        (b"\r\n\r\nGET /leader HTTP/1.1\r\nHost: x\r\n\r\n",),
        (b"GET /leader HTTP/1.1\n\n",),
        (b"GET /lea", b"der HTTP/1.1\r", b"\n\r\n"),
        (b"GET /leader HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc",),
        (b"GET /leader HTTP/1.1\r\n\r\n" * 3,),
    ],
)
def test_one_request_is_answered_and_the_connection_closed(server: LeaderServer, pieces: tuple[bytes, ...]) -> None:
    assert asked(server, *pieces).startswith(b"HTTP/1.1 200 OK\r\n")
    assert asked(server, *pieces).count(b"HTTP/1.1 ") == 1


def test_a_request_line_that_never_ends_is_left_without_an_answer(server: LeaderServer) -> None:
    with connected(server) as client, suppress(ConnectionError):
        client.sendall(b"GET /" + b"x" * 100_000)
        assert client.recv(10) == b""
    assert asked(server, b"GET /leader HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 200")


def test_clients_that_say_nothing_hold_up_nobody(server: LeaderServer) -> None:
    """Fifty of them, and the hundred that ask have their answers before the first of those is left."""
    silent = [connected(server) for _ in range(50)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: asked(server, b"GET /leader HTTP/1.1\r\n\r\n"), range(100)))
    assert all(each.startswith(b"HTTP/1.1 200 OK") for each in found)
    assert not select.select(silent[:1], [], [], 0)[0]
    assert silent[0].recv(10) == b""
    for client in silent:
        client.close()


def test_clients_that_go_away_at_once_are_no_event(server: LeaderServer) -> None:
    for _ in range(20):
        client = connected(server)
        client.sendall(b"GET /leader HTTP/1.1\r\n\r\n")
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        client.close()
    assert asked(server, b"GET /leader HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 200")


def test_a_stopped_server_is_gone_and_its_port_free() -> None:
    first = LeaderServer("127.0.0.1", 0, Node().pages)
    first.start()
    port = first.port
    assert asked(first, b"GET /leader HTTP/1.1\r\n\r\n")
    with pytest.raises(OSError, match="in use"):
        LeaderServer("127.0.0.1", port, Node().pages)
    first.stop()
    second = LeaderServer("127.0.0.1", port, Node().pages)
    second.start()
    assert asked(second, b"GET /leader HTTP/1.1\r\n\r\n")
    second.stop()
