"""What a fetch leaves behind when its process is killed or its disk is full."""

from __future__ import annotations

import hashlib
import http.server
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import omnibuild

DATA = bytes(range(256)) * 16384
SHA256 = hashlib.sha256(DATA).hexdigest()
HALF = len(DATA) // 2

SCRIPT = """
import sys
from pathlib import Path
from omnibuild.errors import OmnibuildError
from omnibuild.recipe.model import Source
from omnibuild.sources.base import FetchOptions
from omnibuild.sources.fetch import fetch_source
from omnibuild.sources.store import SourceStore

cache, url, sha256 = sys.argv[1:]
source = Source.model_validate({"sha256": sha256, "locations": [{"url": url}]})
try:
    fetch_source(source, variables={}, recipe_dir=Path(cache), store=SourceStore(Path(cache)),
                 options=FetchOptions(retries=0), progress=lambda step: print(step.done_bytes, flush=True), where="x")
except OmnibuildError as error:
    sys.exit(f"{type(error).__name__}: {error.message}")
"""


@pytest.fixture
def half_url() -> Iterator[tuple[str, threading.Event]]:
    """Serve a file whose second half comes only once the event is set."""
    go_on = threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(DATA)))
            self.end_headers()
            self.wfile.write(DATA[:HALF])
            self.wfile.flush()
            go_on.wait(30)
            self.wfile.write(DATA[HALF:])

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/big.bin", go_on
    go_on.set()
    server.shutdown()
    thread.join()
    server.server_close()


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(omnibuild.__file__).parents[1])}


def test_kill_in_the_middle_of_a_download(half_url: tuple[str, threading.Event], tmp_path: Path) -> None:
    """After kill -9 nothing has a final name, the lock is free, and the next fetch is right."""
    url, go_on = half_url
    argv = [sys.executable, "-c", SCRIPT, str(tmp_path), url, SHA256]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=environment()) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) >= HALF // 2:
                break
        process.kill()
    assert not (tmp_path / "sources" / SHA256).exists()
    go_on.set()
    subprocess.run(argv, check=True, env=environment(), stdout=subprocess.DEVNULL, timeout=60)
    assert (tmp_path / "sources" / SHA256 / "big.bin").read_bytes() == DATA


def can_mount() -> bool:
    """Tell whether this user may mount a small file system in an own namespace."""
    argv = ["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"]
    return (
        shutil.which("unshare") is not None and subprocess.run(argv, check=False, capture_output=True).returncode == 0
    )


def test_disk_full(half_url: tuple[str, threading.Event], tmp_path: Path) -> None:
    """A full disk is named as such, with the cache's folder, and leaves no file under a final name."""
    if not can_mount():
        message = "user namespaces cannot mount here"
        pytest.skip(message)
    url, go_on = half_url
    go_on.set()
    mount = 'mount -t tmpfs -o size=1m none "$1" && shift && "$@"; code=$?; ls "$CACHE"/sources/; exit $code'
    inner = [sys.executable, "-c", SCRIPT, str(tmp_path), url, SHA256]
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", mount, "sh", str(tmp_path), *inner],
        check=False,
        capture_output=True,
        text=True,
        env={**environment(), "CACHE": str(tmp_path)},
        timeout=60,
    )
    assert done.stderr.startswith("HostLacks: ")
    assert "the disk is full" in done.stderr
    assert str(tmp_path) in done.stderr
    assert SHA256 not in done.stdout
