"""What the package remembers of itself on a node, in a folder that only root can enter.

`preinst` reads the version from it by sed: a key a line.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from chef_backend.base.folders import Access
from chef_backend.base.paths import Paths
from chef_backend.resources.host import Host, Kind

FORMAT = 1
_LIMIT = 128


@dataclass(frozen=True, slots=True)
class Record:
    """The version configured last, and whether its unit was enabled (then an administrator's `disable` stays)."""

    version: str = ""
    enabled: bool = False


def folder(paths: Paths) -> Path:
    """Return the folder of the record and of root's permissions beside it."""
    return paths.data / "install"


def record_path(paths: Paths) -> Path:
    """Return the record's path."""
    return folder(paths) / "record.json"


def permission_path(paths: Paths) -> Path:
    """Return the path of the file in which root names the older version that may be installed."""
    return folder(paths) / "allow-downgrade"


def read_record(host: Host, paths: Paths) -> Record:
    """Return the record; an empty one where there is none or nothing to be made of it."""
    try:
        document = json.loads(host.observe(record_path(paths)).content)
        return Record(str(document["version"]), document["enabled"] is True)
    except (ValueError, KeyError, TypeError):
        return Record()


def read_permission(host: Host, paths: Paths) -> str:
    """Return the version that root allowed to go back to, "" when none."""
    return host.observe(permission_path(paths)).content[:_LIMIT].decode(errors="replace").strip()


def write_record(host: Host, paths: Paths, record: Record) -> None:
    """Replace the record, and make the folders that lead to it."""
    place = folder(paths)
    for missing in reversed([item for item in place.parents if host.observe(item).kind is Kind.MISSING]):
        host.make_folder(missing, Access(0, 0, 0o755))
    host.make_folder(place, Access(0, 0, 0o700))
    document = {"format": FORMAT, "version": record.version, "enabled": record.enabled}
    host.write_file(record_path(paths), json.dumps(document, indent=1).encode() + b"\n", Access(0, 0, 0o600))
