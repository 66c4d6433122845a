"""What a restore tells before and after. Pure."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from chef_backend.backup.manifest import Origin

# Word for word as the original asks.
QUESTION: Final = (
    "Restoring a backup will remove all data currently on this Chef Backend\nnode.\nWould you like to proceed?"
)


def announced(origin: Origin, others: tuple[str, ...] | None) -> str:
    """Return what is restored, and what it means for the `others` of this node's cluster, None where unknown."""
    text = (
        f"The backup was made on {origin.node} ({origin.address}) at {origin.made_at:%Y-%m-%d %H:%M:%S} UTC, "
        f"with chef-backend {origin.software} and PostgreSQL {origin.postgresql}."
    )
    if others == ():
        return text
    if others is None:
        whom = "This node is in a cluster, and etcd does not answer to say whether others are. If so, they"
    else:
        whom = f"This node is in a cluster with {', '.join(others)}. These"
    return f"""\
{text}
{whom} are not touched, and go on without
this node: frontends may then find two leaders. Run chef-backend-ctl stop on each of them first; afterwards run
cleanse there, and let them join the new cluster."""


def done(origin: Origin, secrets: Path, former: Path | None) -> str:
    """Return what to do next; `former` is where the former configuration is, None where it is the same."""
    lines = [
        f"This node is the leader of a new cluster, with the data of {origin.made_at:%Y-%m-%d %H:%M:%S} UTC.",
        f"A node that is to join it needs a copy of {secrets} first.",
        "Frontends: make their configuration anew (chef-backend-ctl gen-server-config), then reindex there.",
    ]
    return "\n".join([*lines, f"The former configuration is {former}."] if former else lines)
