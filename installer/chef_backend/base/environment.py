"""The environment of who calls, as far as it may say something here."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Final

# https://www.postgresql.org/docs/15/libpq-envars.html
_LIBPQ: Final = "PG"


def forget_libpq(environment: MutableMapping[str, str]) -> None:
    """Remove the defaults of PostgreSQL's client library: where this node's server is, its own settings say."""
    for name in [name for name in environment if name.startswith(_LIBPQ)]:
        del environment[name]
