"""Services as runit has them: run scripts, environments, logs and the links that enable them.

http://smarden.org/runit/runsv.8.html says what the files of a definition mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from chef_backend.resources.effects import Effect, Effects, ServiceEffect
from chef_backend.resources.model import Absent, Directory, EnvDir, File, Resource, Symlink
from chef_backend.roles.node import Node
from chef_backend.roles.templates import fill

# In the order of their start; they are stopped in reverse.
SERVICES: Final = ("etcd", "postgresql", "elasticsearch", "leaderl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service: `run` is a template, filled with `values`; its log is written as the service's own user.

    `controls` are programs that runsv runs instead of sending a signal. `effects` follow from a changed script or
    environment; not from a script that `waits` for the next start.
    """

    name: str
    run: str
    user: str
    group: str
    values: Mapping[str, object] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    controls: Mapping[str, str] = field(default_factory=dict)
    effects: Effects
    waits: bool = False
    down: bool = False


def restarts(service: str) -> Effects:
    """Return that a service needs a restart."""
    return (ServiceEffect(service, Effect.RESTART),)


def definition(node: Node, service: Service) -> list[Resource]:
    """Return the service's folder in sv/, its log's folder, and the links that enable it and that tools call."""
    folder = node.paths.sv / service.name
    values = _values(node, service, folder)
    return [
        Directory(path=folder),
        _environment(node, service, folder),
        _script(folder / "run", service.run, () if service.waits else service.effects, values),
        *_controls(node, service, folder),
        *_log(node, service, folder),
        _down(service, folder),
        # Not a link to sv: BusyBox has no applet of the service's name.
        _script(node.paths.init / service.name, "init.sh.j2", (), {"service_folder": node.paths.service, **values}),
        _enabled(node, service, folder),
    ]


def _values(node: Node, service: Service, folder: Path) -> dict[str, object]:
    return {
        "service": service.name,
        "bin": node.paths.embedded_bin,
        "account": f"{service.user}:{service.group}",
        "environment": folder / "env",
        **service.values,
    }


def _script(path: Path, template: str, effects: Effects, values: Mapping[str, object]) -> File:
    return File(path=path, content=fill(template, **values), mode=0o755, effects=effects)


def _environment(node: Node, service: Service, folder: Path) -> EnvDir:
    given = node.settings.environment(f"{service.name}.environment")
    # chpst reads it before it gives up root's rights: nobody else needs to.
    return EnvDir(path=folder / "env", variables={**service.environment, **given}, effects=service.effects)


def _controls(node: Node, service: Service, folder: Path) -> list[Resource]:
    if not service.controls:
        return []
    scripts = [
        # Read anew with each order: no service needs to know.
        _script(folder / "control" / order, template, (), _values(node, service, folder))
        for order, template in sorted(service.controls.items())
    ]
    return [Directory(path=folder / "control"), *scripts]


def _log(node: Node, service: Service, folder: Path) -> list[Resource]:
    place = node.folder(f"{service.name}.log_directory")
    values = {**_values(node, service, folder), "folder": place}
    log = f"{service.name}/log"
    size, number = (node.settings.integer(f"{service.name}.log_rotation.{each}") for each in _ROTATION)
    return [
        *_own_parents(node, place),
        Directory(path=place, owner=service.user, group=service.group, mode=0o750),
        # http://smarden.org/runit/svlogd.8.html
        File(
            path=place / "config",
            content=f"s{size}\nn{number}\n".encode(),
            effects=(ServiceEffect(log, Effect.RELOAD),),
        ),
        Directory(path=folder / "log"),
        _script(folder / "log/run", "log.sh.j2", restarts(log), values),
    ]


_ROTATION: Final = ("file_maxbytes", "num_to_keep")


def _own_parents(node: Node, place: Path) -> list[Directory]:
    """Return the folders between that of all logs and one that is further down."""
    logs = node.paths.logs
    return [Directory(path=path) for path in place.parents if logs in path.parents]


def _down(service: Service, folder: Path) -> Resource:
    path = folder / "down"
    return File(path=path, content=b"") if service.down else Absent(path=path)


def _enabled(node: Node, service: Service, folder: Path) -> Resource:
    path = node.paths.service / service.name
    if not node.settings.flag(f"{service.name}.enable"):
        return Absent(path=path)
    return Symlink(path=path, target=str(folder))
