"""The records that travel in the package: version manifest, lock and expanded recipes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from omnibuild.lineup.load import Project
from omnibuild.lock import Lock, make_lock
from omnibuild.manifest.model import SoftwareEntry, VersionManifest
from omnibuild.pipeline.sourcing import Sources
from omnibuild.recipe.expanded import expanded
from omnibuild.recipe.model import Location
from omnibuild.sources.fetch import expand_location

MANIFEST_JSON = "version-manifest.json"
MANIFEST_TEXT = "version-manifest.txt"
RECORDS = "share/omnibuild"


def version_manifest(project: Project, sources: Sources) -> VersionManifest:
    """Return the manifest of what is packaged, components in build order."""
    lineup = project.lineup
    return VersionManifest(
        software={name: _entry(project, sources, name) for name in project.shipped()},
        name=lineup.name,
        build_version=lineup.version,
        build_git_revision=git_revision(project.directory),
        license=lineup.package.license,
    )


def _entry(project: Project, sources: Sources, name: str) -> SoftwareEntry:
    recipe = project.recipes[name].recipe
    depends = tuple(sorted({*recipe.depends.link, *recipe.depends.runtime}))
    if name in sources.overridden():
        return SoftwareEntry(recipe.version, None, "path", recipe.version, recipe.license, depends, overridden=True)
    source = next(iter(recipe.sources), None)
    if source is None:
        return SoftwareEntry(recipe.version, None, "project_local", recipe.version, recipe.license, depends)
    first = source.locations[0]
    where = str(project.recipes[name].file)
    address = _address(expand_location(first, project.variables(name), where=where))
    known = sources.known_digests(name) or {}
    locked = {first.kind: address}
    if not source.is_local:
        locked["sha256"] = known.get("0", source.sha256 or "")
    return SoftwareEntry(recipe.version, locked, first.kind, recipe.version, recipe.license, depends)


def _address(location: Location) -> str:
    value = getattr(location, location.kind)
    if isinstance(value, str):
        return value
    return json.dumps(value.model_dump(mode="json"), sort_keys=True)


def current_lock(project: Project, sources: Sources) -> Lock:
    """Return the lock of what is being built, whatever the committed one says."""
    used = {
        (name, int(number)): digest
        for name in project.recipes
        for number, digest in (sources.known_digests(name) or {}).items()
    }
    return make_lock(project, used)


def record_files(project: Project, sources: Sources) -> dict[str, bytes]:
    """Return every record by its path below the root."""
    manifest = version_manifest(project, sources)
    files = {
        MANIFEST_JSON: manifest.dump(),
        MANIFEST_TEXT: manifest.text().encode(),
        f"{RECORDS}/{project.lineup.name}.lock.json": current_lock(project, sources).dump(),
    }
    for name in project.order:
        files[f"{RECORDS}/recipes/{name}.json"] = _expanded(project, name)
    return files


def _expanded(project: Project, name: str) -> bytes:
    document = expanded(project.recipes[name], project.variables(name))
    return (json.dumps(document, indent=1, sort_keys=True) + "\n").encode()


def git_revision(directory: Path) -> str:
    """Return the commit that is checked out in the project, or ``unknown``."""
    argv = ["git", "-C", str(directory), "rev-parse", "HEAD"]
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=10, check=False, stdin=subprocess.DEVNULL)
    except OSError:
        return "unknown"
    return done.stdout.strip() if done.returncode == 0 else "unknown"
