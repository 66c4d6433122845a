"""The same promises kept by the real etcd and by the one in memory."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from prefix import program

from chef_backend.base.clock import SystemClock, wait_for
from chef_backend.etcd.client import HttpEtcd
from chef_backend.etcd.fake import FakeEtcd
from chef_backend.etcd.model import Etcd, EtcdUnavailable, Swap, Value


@dataclass
class RealEtcd:
    """A cluster of one, on free ports."""

    process: subprocess.Popen[bytes]
    url: str


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    for item in sockets:
        item.bind(("127.0.0.1", 0))
    ports = [item.getsockname()[1] for item in sockets]
    for item in sockets:
        item.close()
    return ports


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealEtcd]:
    """A running etcd."""
    folder = tmp_path_factory.mktemp("etcd")
    client, peer = (f"http://127.0.0.1:{port}" for port in free_ports(2))
    argv = [program("etcd"), "--name=be1", f"--data-dir={folder}/data", "--enable-v2", "--log-level=error"]
    argv += [f"--listen-client-urls={client}", f"--advertise-client-urls={client}"]
    argv += [f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}", f"--initial-cluster=be1={peer}"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(argv, stdout=log, stderr=log)
    etcd = HttpEtcd([client])
    wait_for("etcd", etcd.is_healthy, within_s=60, clock=SystemClock(), evidence=lambda: _tail(folder / "log"))
    yield RealEtcd(process, client)
    process.terminate()
    process.wait(30)


def _tail(log: Path) -> str:
    return log.read_text()[-2000:]


@pytest.fixture(params=["real", "fake"])
def etcd(request: pytest.FixtureRequest) -> Etcd:
    """A client of each."""
    if request.param == "fake":
        return FakeEtcd()
    return HttpEtcd([request.getfixturevalue("real").url])


def test_a_key_is_made_once(etcd: Etcd) -> None:
    """Of two who think that a key is not there, one wins, and the other learns what it holds."""
    first = etcd.swap("made/once", b"a", expected=0)
    second = etcd.swap("made/once", b"b", expected=0)
    assert first.won
    assert second == Swap(won=False, current=first.current)
    assert etcd.get("made/once") == first.current


def test_a_key_is_replaced_only_as_it_was_read(etcd: Etcd) -> None:
    old = etcd.put("cas/key", b"1")
    new = etcd.swap("cas/key", b"2", expected=old)
    assert new.won
    assert new.current
    assert new.current.revision > old
    assert not etcd.swap("cas/key", b"3", expected=old).won
    assert etcd.get("cas/key") == Value(b"2", new.current.revision)


def test_a_key_is_deleted_only_as_it_was_read(etcd: Etcd) -> None:
    first = etcd.put("del/key", b"1")
    second = etcd.put("del/key", b"1")
    assert not etcd.delete("del/key", expected=first)
    assert etcd.delete("del/key", expected=second)
    assert etcd.get("del/key") is None
    assert not etcd.swap("del/key", b"x", expected=second).won
    assert etcd.swap("del/key", b"x", expected=0).won


def test_every_key_below_a_prefix(etcd: Etcd) -> None:
    for key in ("all/b", "all/a", "all0", "al"):
        etcd.put(key, key.encode())
    assert {key: value.data for key, value in etcd.get_all("all/").items()} == {"all/a": b"all/a", "all/b": b"all/b"}
    assert list(etcd.get_all("all/")) == ["all/a", "all/b"]


def test_any_bytes_come_back(etcd: Etcd) -> None:
    for data in (b"", b"\0\xff\n", json.dumps({"ü": 1}).encode()):
        etcd.put("bytes", data)
        found = etcd.get("bytes")
        assert found
        assert found.data == data


def test_the_members_are_those_that_a_frontend_sees(real: RealEtcd) -> None:
    (member,) = HttpEtcd([real.url]).members()
    assert member.name == "be1"
    assert member.client_urls == (real.url,)
    assert not member.learner
    assert HttpEtcd([real.url]).version().startswith("3.")


def test_an_endpoint_that_is_gone_is_passed_over(real: RealEtcd) -> None:
    (port,) = free_ports(1)
    etcd = HttpEtcd([f"http://127.0.0.1:{port}", real.url])
    etcd.put("passed/over", b"1")
    assert etcd.get("passed/over")
    with pytest.raises(EtcdUnavailable, match="no connection"):
        HttpEtcd([f"http://127.0.0.1:{port}"]).get("x")


def test_a_frozen_etcd_is_unavailable_and_no_write_goes_to_another(real: RealEtcd) -> None:
    """Without an answer nobody knows whether the write was done: it is not tried a second time."""
    etcd = HttpEtcd([real.url, real.url], timeout_s=0.5)
    real.process.send_signal(signal.SIGSTOP)
    try:
        with pytest.raises(EtcdUnavailable) as caught:
            etcd.put("frozen", b"1")
        assert ";" not in caught.value.message
        assert not etcd.is_healthy()
    finally:
        real.process.send_signal(signal.SIGCONT)
    assert HttpEtcd([real.url]).put("frozen", b"2")
