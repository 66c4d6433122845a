"""The lock of a line-up: every component's version, recipe digest and sources, in one file.

``manifests/<line-up>.lock.json`` is generated and committed. It records which bytes each source
has (a source that a location repacked has several candidates) and lets ``--locked`` notice any
recipe that changed since. It holds digests and locations, never a host's mirror.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from omnibuild.cachekey import recipe_digest
from omnibuild.errors import InvalidInput, LockStale
from omnibuild.files import write_atomic
from omnibuild.lineup.load import Project
from omnibuild.recipe.model import Location
from omnibuild.recipe.variables import expand

FORMAT = 1


@dataclass(frozen=True, slots=True)
class LockedSource:
    """One source: the sha256 in use (None: a folder of this repository) and its locations."""

    sha256: str | None
    locations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LockEntry:
    """One component as it was locked."""

    version: str
    recipe: str
    license: str
    sources: tuple[LockedSource, ...]


@dataclass(frozen=True, slots=True)
class Lock:
    """All components of a line-up by name."""

    lineup: str
    version: str
    components: Mapping[str, LockEntry]

    def source_digests(self) -> dict[tuple[str, int], str]:
        """Return the sha256 in use by (component, number of the source)."""
        return {
            (name, number): source.sha256
            for name, entry in self.components.items()
            for number, source in enumerate(entry.sources)
            if source.sha256
        }

    def dump(self) -> bytes:
        """Return the lock as JSON, sorted."""
        return (json.dumps({"format": FORMAT, **asdict(self)}, indent=2, sort_keys=True) + "\n").encode()

    @classmethod
    def load(cls, path: Path) -> Lock:
        """Read a lock file; LockStale when there is none, InvalidInput when it is something else."""
        try:
            document: dict[str, Any] = json.loads(path.read_bytes())
            entries = {name: _entry(item) for name, item in document["components"].items()}
            if document["format"] != FORMAT:
                raise InvalidInput(
                    f"{path}: format {document['format']}, expected {FORMAT}", hint="run `omnibuild lock`"
                )
            return cls(document["lineup"], document["version"], entries)
        except FileNotFoundError as error:
            raise LockStale(f"{path}: there is no lock", hint="run `omnibuild lock` and commit the file") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InvalidInput(f"{path}: not a lock file: {error}", hint="run `omnibuild lock`") from error


def _entry(item: dict[str, Any]) -> LockEntry:
    sources = tuple(LockedSource(source["sha256"], tuple(source["locations"])) for source in item["sources"])
    return LockEntry(item["version"], item["recipe"], item["license"], sources)


def lock_path(lineup_file: Path) -> Path:
    """Return where a line-up's lock lies."""
    return lineup_file.with_name(f"{lineup_file.stem}.lock.json")


def make_lock(project: Project, used: Mapping[tuple[str, int], str]) -> Lock:
    """Return the lock of a project.

    ``used`` gives the sha256 in use where a source has several candidates; the recipe's own
    comes first otherwise.
    """
    components = {}
    for name in sorted(project.recipes):
        loaded = project.recipes[name]
        sources = tuple(
            LockedSource(
                None if source.is_local else used.get((name, number), source.sha256),
                tuple(_describe(location, project.variables(name), str(loaded.file)) for location in source.locations),
            )
            for number, source in enumerate(loaded.recipe.sources)
        )
        components[name] = LockEntry(loaded.recipe.version, recipe_digest(loaded), loaded.recipe.license, sources)
    return Lock(project.lineup.name, project.lineup.version, components)


def stale(lock: Lock, fresh: Lock) -> list[str]:
    """Return what differs between a lock and the recipes, one line each."""
    names = sorted(lock.components.keys() | fresh.components.keys())
    problems = []
    if (lock.lineup, lock.version) != (fresh.lineup, fresh.version):
        problems.append(f"locked for {lock.lineup} {lock.version}, the line-up is {fresh.lineup} {fresh.version}")
    for name in names:
        old, new = lock.components.get(name), fresh.components.get(name)
        if old is None or new is None:
            problems.append(f"{name}: {'not in the lock' if old is None else 'no longer in the line-up'}")
        elif old.version != new.version:
            problems.append(f"{name}: locked {old.version}, the line-up says {new.version}")
        elif old.recipe != new.recipe:
            problems.append(f"{name}: its recipe changed")
    return problems


def require_fresh(lineup_file: Path, project: Project) -> Lock:
    """Return the lock if recipes and line-up are as it says, else raise LockStale."""
    lock = Lock.load(lock_path(lineup_file))
    problems = stale(lock, make_lock(project, lock.source_digests()))
    if problems:
        text = "\n".join(f"  {problem}" for problem in problems)
        raise LockStale(f"{lock_path(lineup_file)}: stale:\n{text}", hint="run `omnibuild lock` and commit the file")
    return lock


def write_lock(lineup_file: Path, lock: Lock) -> Path:
    """Write the lock beside its line-up."""
    path = lock_path(lineup_file)
    write_atomic(path, lock.dump())
    return path


def _describe(location: Location, variables: Mapping[str, str], where: str) -> str:
    """Return a location as one expanded line, like ``debian:postgresql-15@bookworm/file``."""
    match location.kind:
        case "debian" if location.debian:
            text = f"debian:{location.debian.package}@{location.debian.suite}/{location.debian.file}"
        case "pypi" if location.pypi:
            text = f"pypi:{location.pypi.project}/{location.pypi.file}"
        case "git" if location.git:
            text = f"git:{location.git.repository}@{location.git.commit}"
        case "gomodule" if location.gomodule:
            modules = sorted(location.gomodule.modules.items())
            text = "gomodule:" + ",".join(f"{module}@{version}" for module, version in modules)
        case "maven":
            text = f"maven:{location.maven}"
        case "path":
            text = f"path:{location.path}"
        case _:
            text = str(location.url)
    return expand(text, variables, where=where)
