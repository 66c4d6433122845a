"""A sandbox of each kind that this host allows."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from boxes import Box

from omnibuild.platform import probe_isolation
from omnibuild.sandbox.spec import Isolation


def _works(isolation: Isolation, folder: Path) -> bool:
    found, _ = probe_isolation(Path("/"), folder, is_root=isolation is Isolation.ROOT)
    return found is isolation


@pytest.fixture(params=[Isolation.ROOT, Isolation.USER])
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Box:
    """A sandbox of each kind that this host allows."""
    isolation: Isolation = request.param
    if isolation is Isolation.ROOT and os.geteuid() != 0:
        pytest.skip("needs root")
    if not _works(isolation, tmp_path):
        pytest.skip(f"isolation {isolation} does not work here")
    return Box(tmp_path / "box", isolation)


@pytest.fixture
def make_box(tmp_path: Path, box: Box) -> Callable[[str], Box]:
    """Return a function that makes further sandboxes, in folders of any name."""
    return lambda name: Box(tmp_path / name, box.isolation)
