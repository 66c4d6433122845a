"""Clients of registries, played by small programs on PATH."""

from __future__ import annotations

import hashlib
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from omnibuild.errors import Interrupted, SourceUnavailable
from omnibuild.sources.base import FetchOptions, LocationFailed
from omnibuild.sources.tool import host_environment, run_tool

JAR = {"sha256": hashlib.sha256(b"jar").hexdigest(), "locations": [{"maven": "org.x:lib:{version}:jar:linux"}]}


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a folder first on PATH."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


def write(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


MVN = """
for argument; do case $argument in
-DoutputDirectory=*) out=${argument#*=};;
-Dartifact=*) artifact=${argument#*=};;
esac; done
test "$artifact" = org.x:lib:1.2:jar:linux && printf jar > "$out/lib-1.2-linux.jar"
"""


def test_maven(fetch: Any, programs: Path) -> None:
    """The program gets the coordinates with variables replaced; its file is the source."""
    write(programs, "mvn", MVN)
    found = fetch(JAR)
    assert found.file_name == "lib-1.2-linux.jar"
    assert found.path.read_bytes() == b"jar"


def test_maven_fails(fetch: Any, programs: Path) -> None:
    """The reason is what mvn marked as the error."""
    write(programs, "mvn", "echo Downloading...; echo '[ERROR] Could not find artifact'; echo noise; exit 1")
    with pytest.raises(SourceUnavailable, match=r"exit code 1\n +\[ERROR\] Could not find artifact") as caught:
        fetch(JAR)
    assert "noise" not in caught.value.message


def test_maven_malformed(fetch: Any) -> None:
    """Coordinates that are none say their form."""
    with pytest.raises(SourceUnavailable, match="group:artifact:version:packaging"):
        fetch({"sha256": "0" * 64, "locations": [{"maven": "lib"}]})


def test_program_missing(fetch: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that is not installed is a reason that names its package."""
    monkeypatch.setenv("PATH", str(tmp_path))
    locations = [
        {"maven": "org.x:lib:1:jar"},
        {"debian": {"package": "hello", "suite": "bookworm", "file": "x"}},
        {"git": {"repository": "/x", "commit": "1" * 40}},
    ]
    with pytest.raises(SourceUnavailable) as caught:
        fetch({"sha256": "0" * 64, "locations": locations})
    for reason in ("mvn is not installed here (Debian package maven)", "apt-get is not", "git is not installed"):
        assert reason in caught.value.message


def test_offline_runs_no_client(fetch: Any, programs: Path) -> None:
    """With --offline no registry is asked."""
    for name in ("mvn", "apt-get", "go"):
        write(programs, name, "exit 3")
    locations = [
        {"maven": "a:b:1:jar"},
        {"debian": {"package": "a", "suite": "b", "file": "c"}},
        {"pypi": {"project": "six", "file": "six.whl"}},
        {"gomodule": {"modules": {"example.org/a": "v1.0.0"}}},
    ]
    with pytest.raises(SourceUnavailable) as caught:
        fetch({"sha256": "0" * 64, "locations": locations}, offline=True)
    assert caught.value.message.count("because of --offline") == len(locations)


def test_timeout_ends_the_whole_group(programs: Path, tmp_path: Path) -> None:
    """A client that hangs is ended with its children."""
    write(programs, "hang", f"(sleep 60; touch {tmp_path}/survived) & wait")
    began_s = time.monotonic()
    with pytest.raises(LocationFailed, match=r"did not end within 0\.2 s"):
        run_tool(("hang",), cwd=tmp_path, env=host_environment(), options=FetchOptions(tool_timeout_s=0.2))
    assert time.monotonic() - began_s < 10


def test_cancel_ends_a_client(programs: Path, tmp_path: Path) -> None:
    """Ctrl-C reaches a running client through the options' event."""
    write(programs, "hang", "exec sleep 60")
    cancel = threading.Event()
    threading.Timer(0.1, cancel.set).start()
    with pytest.raises(Interrupted):
        run_tool(("hang",), cwd=tmp_path, env=host_environment(), options=FetchOptions(cancel=cancel))


def test_killed_client_names_the_signal(programs: Path, tmp_path: Path) -> None:
    """A client that died of a signal is told by the signal's name."""
    write(programs, "die", "kill -9 $$")
    with pytest.raises(LocationFailed, match="die: SIGKILL"):
        run_tool(("die",), cwd=tmp_path, env=host_environment(), options=FetchOptions())


def test_environment_is_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only proxies, certificates and what a client asks for reach it."""
    monkeypatch.setenv("SECRET_TOKEN", "x")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "k")
    found = host_environment("GIT_CONFIG_KEY_*")
    assert "SECRET_TOKEN" not in found
    assert found["HTTPS_PROXY"] == "http://proxy.example"
    assert found["GIT_CONFIG_KEY_0"] == "k"
