"""Where a running server says that it is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chef_backend.postgresql.serving import serving_port

# As 15 writes it; 9.5 lacks the last line.
RUNNING = """4711
/var/opt/chef-backend/postgresql/15/data
1764100000
5433
/var/opt/chef-backend/postgresql/15/socket
*
  5432001         3
ready
"""


def test_a_running_server_says_it_in_its_data_folder(tmp_path: Path) -> None:
    (tmp_path / "postmaster.pid").write_text(RUNNING)
    assert serving_port(tmp_path, 5432) == 5433


@pytest.mark.parametrize("content", ["", "4711\n", RUNNING.replace("5433", "none")])
def test_where_nothing_is_said_it_is_as_configured(tmp_path: Path, content: str) -> None:
    """A server that just starts has not written all of it yet."""
    assert serving_port(tmp_path, 5432) == 5432
    (tmp_path / "postmaster.pid").write_text(content)
    assert serving_port(tmp_path, 5432) == 5432


def test_nothing_is_followed_or_waited_for(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text(RUNNING)
    (tmp_path / "postmaster.pid").symlink_to("elsewhere")
    assert serving_port(tmp_path, 5432) == 5432
    (tmp_path / "postmaster.pid").unlink()
    os.mkfifo(tmp_path / "postmaster.pid")
    assert serving_port(tmp_path, 5432) == 5432
