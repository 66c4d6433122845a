"""PostgreSQL's first process, told from others."""

from __future__ import annotations

import os
import select
import signal

import pytest
from pseudo import PseudoServer

from chef_backend.leader.postmaster import Postmaster, has_ended


def test_it_is_found_watched_and_sent_signals(server: PseudoServer) -> None:
    found = Postmaster(server.data)
    assert not found.runs()
    assert not found.is_there()
    assert found.open() is None
    first = server.start()
    assert found.runs()
    assert found.is_there()
    process = found.open()
    assert process is not None
    assert not has_ended(process)
    found.send(signal.SIGINT)
    waiting = select.poll()
    waiting.register(process, select.POLLIN)
    assert waiting.poll(20_000)
    assert has_ended(process)
    os.close(process)
    first.wait()
    assert not found.runs()
    found.send(signal.SIGINT)  # nobody is there, and nothing is raised


@pytest.mark.parametrize(
    "content", ["", "x\n", "0\n", "99999999\n", pytest.param(f"{os.getpid()}\n", id="ours"), "1\n"]
)
def test_a_file_that_was_left_behind_is_nobodys(server: PseudoServer, content: str) -> None:
    (server.data / "postmaster.pid").write_text(content)
    found = Postmaster(server.data)
    assert not found.runs()
    assert not found.is_there()
    found.send(signal.SIGINT)


def test_a_server_for_a_single_user_is_there_and_is_sent_nothing(server: PseudoServer) -> None:
    """An operator's `postgres --single` must not be taken for what a dead server left."""
    child = server.start(is_first=False)
    (server.data / "postmaster.pid").write_text(f"-{child.pid}\n{server.data}\n")
    found = Postmaster(server.data)
    assert not found.runs()
    assert found.is_there()
    found.send(signal.SIGINT)
    assert child.poll() is None
