"""`status` as tables, as runit's lines and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from chef_backend.status.model import Disk, Failure, Healthy, NodeStatus, Restart, Service
from chef_backend.status.table import duration, table
from chef_backend.supervise.state import ServiceState
from chef_backend.supervise.verbs import status_line

SCHEMA_VERSION = 1
_SERVICES = ("Service", "Local Status", "Time in State", "Distributed Node Status")
_SYSTEM = ("System", "Local Status", "Distributed Node Status")


def tables(status: NodeStatus) -> str:
    """Return the contract's two tables, a blank line between them."""
    return f"{service_table(status)}\n{system_table(status)}"


def service_table(status: NodeStatus) -> str:
    """Return the table of services."""
    return table(_SERVICES, [_service_row(status, service) for service in status.services])


def system_table(status: NodeStatus) -> str:
    """Return the table of what is no service; a row for restarts only while one is due."""
    local = str(status.disks) if isinstance(status.disks, Failure) else "; ".join(map(str, status.disks))
    rows = [("disks", local, str(status.distributed.disks))]
    if isinstance(status.restarts, Failure):
        rows.append(("restart", str(status.restarts), ""))
    else:
        rows += [("restart", _due(restart), restart.command) for restart in status.restarts]
    return table(_SYSTEM, rows)


def simple_lines(services: Sequence[Service], at: float) -> str:
    """Return runit's line for each service and its log, as `sv status` writes it."""
    return "".join(f"{_simple(service, at)}\n" for service in services)


def document(status: NodeStatus) -> dict[str, Any]:
    """Return what `status --json` prints; keys are only ever added while the schema's version stays."""
    return {
        "schema_version": SCHEMA_VERSION,
        "ok": status.bad == 0,
        "services": [_service_document(status, service) for service in status.services],
        "disks": {"local": _disks(status.disks), "cluster": _plain(status.distributed.disks)},
        "restarts": _restarts(status.restarts),
    }


def _due(restart: Restart) -> str:
    return f"{restart.service}: due" + (f" for {', '.join(restart.because)}" if restart.because else "")


def _service_row(status: NodeStatus, service: Service) -> tuple[str, ...]:
    match service.state:
        case ServiceState(process=process):
            local = f"running (pid {process.pid})" if service.state.is_up else "down"
            since = duration(process.seconds(status.at))
        case Failure() as failure:
            local, since = str(failure), duration(0)
    return service.name, local, since, str(_distributed(status, service.name))


def _distributed(status: NodeStatus, name: str) -> object:
    return getattr(status.distributed, name, "status: local-only")


def _simple(service: Service, at: float) -> str:
    if isinstance(service.state, Failure):
        return f"fail: {service.name}: {service.state.reason}"
    return status_line(service.name, service.state, at)


def _service_document(status: NodeStatus, service: Service) -> dict[str, Any]:
    found: dict[str, Any] = {"name": service.name, "fine": service.fine}
    match service.state:
        case ServiceState(process=process) as state:
            found["local"] = {
                "state": "running" if state.is_up else "down",
                "pid": process.pid or None,
                "seconds": process.seconds(status.at),
                "normally_up": state.normally_up,
            }
        case Failure() as failure:
            found["local"] = {"error": failure.reason}
    return {**found, "cluster": _plain(_distributed(status, service.name))}


def _plain(found: object) -> dict[str, Any]:
    match found:
        case Failure(reason=reason):
            return {"error": reason}
        case str():
            return {}
        case Healthy() as health:
            return {"state": health.colour, **asdict(health)}
    return asdict(found)  # type: ignore[call-overload,no-any-return]  # one of model.Distributed's dataclasses


def _disks(disks: tuple[Disk, ...] | Failure) -> Any:  # noqa: ANN401 - JSON
    return _plain(disks) if isinstance(disks, Failure) else [{**asdict(disk), "fine": disk.fine} for disk in disks]


def _restarts(restarts: tuple[Restart, ...] | Failure) -> Any:  # noqa: ANN401 - JSON
    return _plain(restarts) if isinstance(restarts, Failure) else [asdict(restart) for restart in restarts]
