"""The logs of a node that go into a bundle: of each what was written last."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from chef_backend.bundle.item import MIB, Copy
from chef_backend.bundle.node import Node
from chef_backend.bundle.world import World
from chef_backend.resources.host import Kind
from chef_backend.roles.supervision import SERVICES

_PLACE: Final = "var/log/chef-backend"
_CURRENT: Final = re.compile("current")
_CURRENT_MAX: Final = 8 * MIB
# Written by svlogd when it rotated; compressed ones could not be searched for secrets.
_ROTATED: Final = re.compile(r"@[0-9a-f]{24}\.[su]")
_ROTATED_MAX: Final = 3 * MIB
_ROTATED_KEPT: Final = 2
_OTHER: Final = re.compile(r"[\w.-]+\.log(?:\.\d+)?")
_OTHER_MAX: Final = MIB
_OTHER_KEPT: Final = 4
_COMMANDS_KEPT: Final = 20


def logs(found: Node, world: World) -> Iterator[Copy]:
    """Yield the services' logs and the commands', the current ones of all first: rotated ones may find no room."""
    folders = dict(pair for service in SERVICES for pair in _folders(found, service))
    for folder, place in folders.items():
        yield from _newest(world, folder, place, _CURRENT, most=1, limit=_CURRENT_MAX)
    own, commands = found.paths.logs, found.paths.command_logs
    yield from _newest(world, own, _PLACE, _OTHER, most=_OTHER_KEPT, limit=_OTHER_MAX)
    yield from _newest(world, commands, f"{_PLACE}/{commands.name}", _OTHER, most=_COMMANDS_KEPT, limit=_OTHER_MAX)
    for folder, place in folders.items():
        yield from _newest(world, folder, place, _OTHER, most=_OTHER_KEPT, limit=_OTHER_MAX)
        yield from _newest(world, folder, place, _ROTATED, most=_ROTATED_KEPT, limit=_ROTATED_MAX)


def _folders(found: Node, service: str) -> list[tuple[Path, str]]:
    """Return where a service's logs are, and where programs that read bundles look for them."""
    own = found.paths.log(service)
    configured = found.paths.root / found.last.text(f"{service}.log_directory", str(own)).strip("/")
    if not configured.is_relative_to(own):
        return [(configured, f"{_PLACE}/{service}")]
    # PostgreSQL has a folder for each major version.
    inner = [name for name in found.host.list_folder(own) if found.host.observe(own / name).kind is Kind.FOLDER]
    return [(own, f"{_PLACE}/{service}"), *((own / name, f"{_PLACE}/{service}/{name}") for name in inner)]


def _newest(world: World, folder: Path, place: str, names: re.Pattern[str], *, most: int, limit: int) -> Iterator[Copy]:
    found = [each for each in world.files(folder) if names.fullmatch(each.name)]
    for each in found[:most]:
        yield Copy(f"{place}/{each.name}", folder / each.name, limit=limit)
