"""`status` as tables, as runit's lines and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from chef_backend.status.model import Disk, Failure, Healthy, NodeStatus, Process, Service
from chef_backend.status.table import duration, table

SCHEMA_VERSION = 1
_SERVICES = ("Service", "Local Status", "Time in State", "Distributed Node Status")
_SYSTEM = ("System", "Local Status", "Distributed Node Status")


def tables(status: NodeStatus) -> str:
    """Return the contract's two tables, a blank line between them."""
    return f"{service_table(status, status.services)}\n{system_table(status)}"


def service_table(status: NodeStatus, services: Sequence[Service]) -> str:
    """Return the table of some services."""
    return table(_SERVICES, [_service_row(status, service) for service in services])


def system_table(status: NodeStatus) -> str:
    """Return the table of what is no service; a row for restarts only while one is due."""
    local = str(status.disks) if isinstance(status.disks, Failure) else "; ".join(map(str, status.disks))
    rows = [("disks", local, str(status.distributed.disks))]
    for restart in status.restarts:
        because = f" for {', '.join(restart.because)}" if restart.because else ""
        rows.append(("restart", f"{restart.service}: due{because}", f"chef-backend-ctl restart {restart.service}"))
    return table(_SYSTEM, rows)


def simple(services: Sequence[Service]) -> str:
    """Return runit's line for each service and its log, as `sv status` writes it."""
    return "".join(f"{_simple(service)}\n" for service in services)


def document(status: NodeStatus) -> dict[str, Any]:
    """Return what `status --json` prints; keys are only ever added while the schema's version stays."""
    return {
        "schema_version": SCHEMA_VERSION,
        "ok": status.bad == 0,
        "services": [_service_document(status, service) for service in status.services],
        "disks": {"local": _disks(status.disks), "cluster": _plain(status.distributed.disks)},
        "restarts": [{"service": each.service, "because": list(each.because)} for each in status.restarts],
    }


def _service_row(status: NodeStatus, service: Service) -> tuple[str, ...]:
    match service.process:
        case Process(pid=pid, seconds=seconds) as process:
            local, since = f"running (pid {pid})" if process.runs else "down", duration(seconds)
        case Failure() as failure:
            local, since = str(failure), duration(0)
    return service.name, local, since, str(_distributed(status, service.name))


def _distributed(status: NodeStatus, name: str) -> object:
    return getattr(status.distributed, name, "status: local-only")


def _simple(service: Service) -> str:
    if isinstance(service.process, Failure):
        return f"fail: {service.name}: {service.process.reason}"
    line = _sv(service.name, service.process)
    return f"{line}; {_sv('log', service.log)}" if service.log is not None else line


def _sv(name: str, process: Process) -> str:
    if process.runs:
        return f"run: {name}: (pid {process.pid}) {int(process.seconds)}s"
    return f"down: {name}: {int(process.seconds)}s" + (", normally up" if process.normally_up else "")


def _service_document(status: NodeStatus, service: Service) -> dict[str, Any]:
    found: dict[str, Any] = {"name": service.name, "fine": service.fine}
    match service.process:
        case Process() as process:
            found["local"] = {
                "state": "running" if process.runs else "down",
                "pid": process.pid or None,
                "seconds": int(process.seconds),
                "normally_up": process.normally_up,
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
