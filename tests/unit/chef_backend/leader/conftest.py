"""A server to be fenced."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pseudo import PseudoServer


@pytest.fixture
def server() -> Iterator[PseudoServer]:
    """A server that is not started yet; its folder's name is short, as that of a socket must be."""
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        found = PseudoServer(Path(folder))
        yield found
        found.stop()
