"""Where the built programs are that these tests run."""

from __future__ import annotations

from pathlib import Path

INSTALL = Path("/opt/chef-backend")


def program(name: str) -> Path:
    """Return a program of the product."""
    return INSTALL / "embedded/bin" / name
