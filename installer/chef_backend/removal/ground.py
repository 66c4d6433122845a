"""What a node consists of: read from what reconfigure wrote, since its configuration may be wrong or gone."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chef_backend.base.errors import Conflict
from chef_backend.base.folders import Access
from chef_backend.base.paths import Paths
from chef_backend.reconfigure.recorded import last_settings
from chef_backend.resources.apply import read_receipt
from chef_backend.resources.host import Host, Kind
from chef_backend.resources.receipt import Receipt
from chef_backend.roles.accounts import ACCOUNTS
from chef_backend.roles.supervision import SERVICES

FORMAT: Final = 1
_DATA: Final = ("postgresql.data_dir", "elasticsearch.data_dir", "ssl.data_dir")
_OWN: Final = Access(0, 0, 0o600)


@dataclass(frozen=True, slots=True)
class Ground:
    """A node: `own` are all folders that are its alone, `outside` those of its data that are elsewhere by a setting.

    `links` are its enabled services, `users` the accounts that own its files. `begun` says that a cleanse was begun
    here, and `saved` where it saved the configuration.
    """

    own: frozenset[Path] = frozenset()
    outside: tuple[Path, ...] = ()
    links: tuple[Path, ...] = ()
    users: frozenset[str] = frozenset()
    saved: tuple[Path, ...] = ()
    begun: bool = False


def roots(paths: Paths) -> tuple[Path, ...]:
    """Return the folders that hold all that a node has, where no setting says otherwise."""
    return paths.etc, paths.data, paths.logs


def note_path(paths: Paths) -> Path:
    """Return the file that exists while a cleanse has begun and not ended."""
    return paths.data / "cleanse.json"


def survey(host: Host, paths: Paths) -> Ground:
    """Return what this node consists of, what an interrupted cleanse noted of it included; changes nothing."""
    receipt = _receipt(host, paths)
    folders = {path for path, states in receipt.entries.items() if any(each.kind is Kind.FOLDER for each in states)}
    settings = last_settings(host, paths)
    data = [paths.root / path for name in _DATA if (path := settings.text(name).strip("/"))]
    noted = _noted(host, paths)
    return Ground(
        own=frozenset({*folders, *_known(paths)}) | noted.own,
        outside=tuple(dict.fromkeys([*_elsewhere(data, folders, paths), *noted.outside])),
        links=tuple(path for path in receipt.entries if path.parent == paths.service),
        users=frozenset(each.owner for states in receipt.entries.values() for each in states if each.owner)
        | noted.users
        | {item.name for item in ACCOUNTS},
        saved=noted.saved,
        begun=noted.begun,
    )


def write_note(host: Host, paths: Paths, ground: Ground) -> None:
    """Note what a cleanse is about to delete."""
    document = {
        "format": FORMAT,
        "own": sorted(map(str, ground.own)),
        "outside": [str(path) for path in ground.outside],
        "users": sorted(ground.users),
        "saved": [str(path) for path in ground.saved],
    }
    host.write_file(note_path(paths), json.dumps(document, indent=1).encode() + b"\n", _OWN)


def _receipt(host: Host, paths: Paths) -> Receipt:
    try:
        return read_receipt(host, paths.receipt)
    except Conflict:
        return Receipt()


def _known(paths: Paths) -> tuple[Path, ...]:
    """Return the folders of a node that never was configured, or whose receipt is gone."""
    services = [path for service in SERVICES for path in (paths.data / service, paths.logs / service)]
    return (*roots(paths), paths.ssl, paths.etcd / "data", paths.elasticsearch / "data", *services)


def _elsewhere(data: Iterable[Path], folders: Iterable[Path], paths: Paths) -> list[Path]:
    """Return the folders of data that reconfigure made outside the node's own."""
    own = roots(paths)
    return [path for path in data if path in folders and not any(root in path.parents for root in own)]


def _noted(host: Host, paths: Paths) -> Ground:
    try:
        document = json.loads(host.observe(note_path(paths)).content)
        own, outside, saved = (tuple(map(Path, document[key])) for key in ("own", "outside", "saved"))
        return Ground(frozenset(own), outside, (), frozenset(map(str, document["users"])), saved, begun=True)
    except (ValueError, KeyError, TypeError):
        return Ground()
