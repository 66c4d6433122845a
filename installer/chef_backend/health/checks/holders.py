"""Who listens on the ports of this node's services instead of them: a stranger, or a process that runsv has lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from chef_backend.cluster.ports import Holder
from chef_backend.health.codes import PORTS, STRAY
from chef_backend.health.finding import Finding
from chef_backend.health.seen import Seen
from chef_backend.status.model import Failure
from chef_backend.supervise.state import ServiceState


def holders(seen: Seen) -> Iterator[Finding]:
    """Yield a finding for each process that has a port of a service, and is not the one that is supervised."""
    if isinstance(seen.answers, Failure):
        return
    wanted = seen.known.wanted
    found: dict[tuple[Holder, str], list[int]] = {}
    for port, service in sorted(wanted.ports.items()):
        holder = seen.holders.get(port)
        if holder and not _is_its(holder, seen.answers.services.get(service)):
            found.setdefault((holder, service), []).append(port)
    for (holder, service), ports in found.items():
        yield judge(holder, service, ports, wanted.embedded)


def judge(holder: Holder, service: str, ports: list[int], embedded: Path) -> Finding:
    """Judge a process that has the ports of a service."""
    program = holder.program.rpartition("/")[2] or "another"
    listens = f"{holder} listens on {', '.join(map(str, ports))}, for {service}"
    if embedded in Path(holder.program).parents:
        signal = "kill -INT" if service == "postgresql" else "kill"
        evidence = f"{listens}; the supervisor does not know it"
        found = STRAY.critical(f"{program} (pid {holder.pid})", evidence=evidence, fix=f"{signal} {holder.pid}")
    else:
        fix = f"Stop {holder}, or set another port for {service} in chef-backend.rb."
        found = PORTS.critical(f"{ports[0]} is taken by {program}", evidence=listens, fix=fix)
    return replace(found, subject=service)


def _is_its(holder: Holder, state: ServiceState | None) -> bool:
    """Tell whether a port is the supervised process's, or its child's; who cannot be told gets the benefit."""
    return state is not None and state.is_up and (not holder.pid or state.process.pid in {holder.pid, holder.parent})
