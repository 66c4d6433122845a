"""Finds a version manifest where a person points: the file itself, or the folder it lies in."""

from __future__ import annotations

from pathlib import Path

from omnibuild.errors import InvalidInput
from omnibuild.manifest.model import VersionManifest

NAME = "version-manifest.json"


def load_manifest(path: Path) -> VersionManifest:
    """Read a manifest; a folder (an install root, dist/) stands for the manifest in it.

    Raises InvalidInput when there is none, or something else.
    """
    file = path / NAME if path.is_dir() else path
    if not file.is_file():
        raise InvalidInput(f"{file}: there is no such file", hint=f"give a {NAME}, or the folder that holds one")
    return VersionManifest.load(file)
