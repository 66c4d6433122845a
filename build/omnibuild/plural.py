"""Numbers of things as a person writes them."""

from __future__ import annotations


def counted(number: int, thing: str) -> str:
    """Return ``1 component``, ``2 components``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
