"""Where the built programs are that these tests run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

PREFIX = Path(os.environ.get("CHEF_BACKEND_PREFIX", "/opt/chef-backend")) / "embedded"


def program(name: str) -> Path:
    """Return a program of the prefix; skip where the package is neither installed nor unpacked."""
    found = PREFIX / "bin" / name
    if not found.exists():
        pytest.skip(f"{found} is not there: install the package, or unpack it at its place")
    return found
