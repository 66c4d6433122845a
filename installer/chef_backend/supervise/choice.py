"""Which services a command is meant for. Pure but for the supervisor's two lists."""

from __future__ import annotations

import difflib

from chef_backend.base.errors import UnknownService
from chef_backend.supervise.supervisor import Supervisor


def chosen(supervisor: Supervisor, name: str) -> tuple[str, ...]:
    """Return the enabled services, or the named one alone; none where that is not enabled. Raises UnknownService."""
    enabled = supervisor.enabled()
    if not name:
        return enabled
    require_known(supervisor, name)
    return (name,) if name in enabled else ()


def require_known(supervisor: Supervisor, name: str) -> None:
    """Raise UnknownService unless there is a service of that name, enabled or not."""
    known = sorted({*supervisor.defined(), *supervisor.enabled()})
    if name in known:
        return
    close = difflib.get_close_matches(name, known, 1)
    raise UnknownService(
        f"no service is called {name}",
        hint=f"did you mean {close[0]}?" if close else _there_are(known),
    )


def _there_are(known: list[str]) -> str:
    if not known:
        return "this node has no services yet: run chef-backend-ctl create-cluster first"
    return f"there are {', '.join(known)}"
