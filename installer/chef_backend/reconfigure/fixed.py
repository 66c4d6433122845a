"""Settings that are decided once, when a cluster is made on a node or the node joins one. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from chef_backend.base.errors import Conflict
from chef_backend.config.model import Settings
from chef_backend.config.table import TABLE
from chef_backend.config.values import as_ruby


def require_unchanged(before: Settings, settings: Settings) -> None:
    """Raise Conflict where one of them is not as the last reconfigure had it; `before` may lack any of them.

    leaderl is started again with new settings at once, and PostgreSQL is not: it would guard a folder where no server
    is, or ask for a role that is not there, while the server goes on and takes writes.
    """
    changed = tuple(_changed(before, settings))
    if changed:
        raise Conflict(
            "\n".join([*changed, "What a member was made with stays; nothing was changed."]),
            hint="set it back in chef-backend.rb",
        )


def _changed(before: Settings, settings: Settings) -> Iterator[str]:
    for name, setting in TABLE.items():
        if setting.fixed and name in before.names and _bare(before, name) != _bare(settings, name):
            yield f"{name} was {as_ruby(before.value(name))}, and is to be {as_ruby(settings.value(name))}"


def _bare(settings: Settings, name: str) -> object:
    """Return a value; a path without the slash at its end, which says nothing."""
    value = settings.value(name)
    return value.rstrip("/") if isinstance(value, str) else value
