"""Services that were started before the installed package came, and so run older code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chef_backend.base.paths import Paths
from chef_backend.supervise.state import ServiceState

# Why they are to be restarted, as status says it.
REASON: Final = "the new package"


def installed_at(paths: Paths) -> float:
    """Return when the package was unpacked, in seconds of the epoch; 0 where there is none.

    The file's own time is that of the build; the one of its last change on this disk is that of the installation.
    """
    try:
        return paths.version_manifest.stat().st_ctime
    except OSError:
        return 0.0


def outdated(states: Mapping[str, ServiceState | None], installed_at: float) -> tuple[str, ...]:
    """Return the services that run since before that. Pure."""
    return tuple(
        name
        for name, state in states.items()
        if state is not None and state.is_up and state.process.since < installed_at
    )
