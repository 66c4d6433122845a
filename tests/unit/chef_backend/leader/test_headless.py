"""A server without its first process, told from one whose first process has not written its number yet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pseudo import PseudoServer

from chef_backend.base.clock import SystemClock
from chef_backend.base.secret import Secret
from chef_backend.leader.postgres import LocalPostgres
from chef_backend.leader.settings import DatabaseSettings


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PseudoServer]:
    found = PseudoServer(tmp_path)
    yield found
    found.stop()


@pytest.fixture
def postgres(server: PseudoServer) -> LocalPostgres:
    settings = DatabaseSettings(str(server.folder), 5432, "chef_pgsql", Secret("x"), 1.0, server.data, 5)
    return LocalPostgres(settings, SystemClock())


def test_what_its_first_process_left_is_ended(server: PseudoServer, postgres: LocalPostgres) -> None:
    server.start(is_first=False)
    seen = postgres.look(0)
    assert (seen.headless, seen.gone) == (True, False)
    postgres.clear()
    assert server.started[0].wait(20) == -9


@pytest.mark.parametrize("lock", [None, ""])
def test_one_that_starts_is_left_alone(server: PseudoServer, postgres: LocalPostgres, lock: str | None) -> None:
    """Killed between making postmaster.pid and writing it, it would leave a file with which no other one starts."""
    server.start()
    (server.data / "postmaster.pid").unlink()
    if lock is not None:
        (server.data / "postmaster.pid").write_text(lock)
    seen = postgres.look(0)
    assert (seen.headless, seen.gone) == (False, False)
    postgres.clear()
    assert server.started[0].poll() is None
