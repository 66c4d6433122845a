"""Where the store lies unless a command is told otherwise."""

from __future__ import annotations

import os
from pathlib import Path


def default_store() -> Path:
    """Return the store's folder: $OMNIBUILD_STORE, or below the user's cache folder."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(os.environ.get("OMNIBUILD_STORE") or f"{cache}/omnibuild")
