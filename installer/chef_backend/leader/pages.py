"""From a request to the whole answer. Pure but for the pages' own contents, which come from memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

_JSON: Final = "application/json"
_METRICS: Final = "text/plain; version=0.0.4; charset=utf-8"
_WORDS: Final = 3


@dataclass(frozen=True, slots=True)
class Pages:
    """What there is to see, asked for at each request; none of them may wait for anything."""

    leads: Callable[[], bool]
    leader: Callable[[], Mapping[str, Any]]
    status: Callable[[], Mapping[str, Any]]
    metrics: Callable[[], str]


def answer(request_line: str, pages: Pages) -> bytes:
    """Return the answer to a request's first line, such as `GET /leader HTTP/1.1`."""
    words = request_line.split()
    if len(words) != _WORDS or not words[2].startswith("HTTP/1."):
        return _told(HTTPStatus.BAD_REQUEST, "this is no request of HTTP/1.0 or 1.1")
    method, path = words[0], words[1].partition("?")[0]
    match path:
        case _ if method not in {"GET", "HEAD"}:
            return _told(HTTPStatus.METHOD_NOT_ALLOWED, "only GET and HEAD are answered", "Allow: GET, HEAD\r\n")
        case "/leader":
            code = HTTPStatus.OK if pages.leads() else HTTPStatus.SERVICE_UNAVAILABLE
            whole = _answer(code, _JSON, _document(pages.leader()))
        case "/status":
            whole = _answer(HTTPStatus.OK, _JSON, _document(pages.status()))
        case "/metrics":
            whole = _answer(HTTPStatus.OK, _METRICS, pages.metrics().encode())
        case _:
            whole = _told(HTTPStatus.NOT_FOUND, "there are /leader, /status, /metrics")
    return whole if method == "GET" else whole[: whole.index(b"\r\n\r\n") + 4]


def _told(code: HTTPStatus, text: str, header: str = "") -> bytes:
    return _answer(code, _JSON, _document({"error": text}), header)


def _answer(code: HTTPStatus, kind: str, body: bytes, header: str = "") -> bytes:
    head = (
        f"HTTP/1.1 {code.value} {code.phrase}\r\nServer: leaderl\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\n{header}Connection: close\r\n\r\n"
    )
    return head.encode() + body


def _document(found: Mapping[str, Any]) -> bytes:
    return json.dumps(found, sort_keys=True).encode() + b"\n"
