"""A web server that misbehaves on demand, and a source cache in a temporary folder."""

from __future__ import annotations

import hashlib
import http.server
import re
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from omnibuild.recipe.model import Source
from omnibuild.sources.base import FetchOptions, FetchProgress
from omnibuild.sources.fetch import FetchedSource, fetch_source
from omnibuild.sources.store import SourceStore

Route = Callable[[http.server.BaseHTTPRequestHandler], None]


@dataclass
class Site:
    """Serves ``routes`` by path and remembers the requests (path, Range, If-Range)."""

    base: str = ""
    routes: dict[str, Route] = field(default_factory=dict)
    asked: list[tuple[str, str | None, str | None]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str) -> str:
        return f"{self.base}/{path}"

    def serve(self, path: str, data: bytes, **headers: str) -> str:
        """Serve whole files and ranges, as a good server does; return the URL."""
        self.routes[f"/{path}"] = lambda handler: reply(handler, data, headers)
        return self.url(path)

    def in_turn(self, path: str, *routes: Route) -> str:
        """Give each request the next route, and the last one to all that follow."""
        waiting = list(routes)

        def turn(handler: http.server.BaseHTTPRequestHandler) -> None:
            (waiting.pop(0) if len(waiting) > 1 else waiting[0])(handler)

        self.routes[f"/{path}"] = turn
        return self.url(path)

    def whole(self, data: bytes, **headers: str) -> Route:
        return lambda handler: reply(handler, data, headers)

    def broken_off(self, data: bytes, at: int, **headers: str) -> Route:
        """Promise all of ``data`` and hang up after ``at`` bytes."""
        return lambda handler: reply(handler, data, headers, stop_after=at)

    def status(self, code: int, **headers: str) -> Route:
        def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
            handler.send_response(code)
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.send_header("Content-Length", "0")
            handler.end_headers()

        return answer

    def silent(self, data: bytes, at: int) -> Route:
        """Send ``at`` bytes and then nothing more, with the connection open."""

        def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
            reply(handler, data, {}, stop_after=at)
            self.released.wait(10)

        return answer


def reply(
    handler: http.server.BaseHTTPRequestHandler, data: bytes, headers: dict[str, str], *, stop_after: int | None = None
) -> None:
    asked = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
    condition = handler.headers.get("If-Range")
    start = int(asked[1]) if asked and condition in {None, headers.get("ETag")} else 0
    handler.send_response(206 if start else 200)
    if start:
        handler.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    body = data[start:]
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body if stop_after is None else body[:stop_after])
    handler.wfile.flush()


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append((self.path, self.headers.get("Range"), self.headers.get("If-Range")))
            site.routes.get(self.path, site.status(404))(self)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    site.base = f"http://127.0.0.1:{server.server_port}"
    yield site
    site.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def dead_url() -> str:
    """Return a URL on a port where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/file.tar.gz"


@dataclass
class Fetch:
    """Fetches sources into one cache, as a build does."""

    cache: Path
    recipe_dir: Path
    progress: list[FetchProgress] = field(default_factory=list)

    def __call__(self, source: dict[str, Any], store: SourceStore | None = None, **options: Any) -> FetchedSource:
        return fetch_source(
            Source.model_validate(source),
            variables={"version": "1.2"},
            recipe_dir=self.recipe_dir,
            store=store or SourceStore(self.cache),
            options=FetchOptions(**{"backoff_s": 0.001, "retries": 2, "timeout_s": 5.0, **options}),
            progress=self.progress.append,
            where="recipes/x/recipe.yml: sources[0]",
        )

    def urls(self, data: bytes, *urls: str, **options: Any) -> FetchedSource:
        """Fetch ``data`` by its sha256 from these addresses."""
        return self({"sha256": sha256(data), "locations": [{"url": url} for url in urls]}, **options)

    def leftovers(self) -> list[str]:
        """All files under the final names of the cache."""
        return sorted(str(path.relative_to(self.cache)) for path in self.cache.glob("sources/[!.]*/*"))


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def fetch(tmp_path: Path) -> Fetch:
    recipe_dir = tmp_path / "recipes" / "x"
    recipe_dir.mkdir(parents=True)
    return Fetch(tmp_path / "cache", recipe_dir)
