"""Cache keys: the named inputs of a component's build, hashed; and why two keys differ.

Dependencies enter by the digest of what they *gave*, not of what they were made from: a
rebuilt dependency with identical bytes changes nothing further on (early cut-off, as in
BuildStream's and OBS's "rebuild only when the output changed").
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from omnibuild.files import sha256_of
from omnibuild.kinds.registry import KINDS
from omnibuild.lineup.model import Lineup
from omnibuild.recipe.load import RecipeFolder
from omnibuild.recipe.model import Source

# Raised whenever the sandbox, the environment or the capture changes what a build gives.
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Platform:
    """Where the commands run: the identity of the build image or host toolchain, and how."""

    identity: str
    capture: str


def key_inputs(
    loaded: RecipeFolder,
    lineup: Lineup,
    platform: Platform,
    *,
    sources: Mapping[str, str],
    dependencies: Mapping[str, str],
) -> dict[str, str]:
    """Return every input of a component's key by name.

    ``sources`` are the digests of its sources as used, ``dependencies`` the tree digests of
    its build and link dependencies' closure.
    """
    recipe = loaded.recipe
    stated = recipe.model_dump(mode="json", by_alias=True)
    inputs = {
        "format": str(FORMAT),
        "kind": f"{recipe.build['kind']} {KINDS[recipe.build['kind']].version}",
        "platform": platform.identity,
        "capture": platform.capture,
        "product": lineup.name,  # it stands in every package note
        "architecture": lineup.architecture,
        "root": lineup.root,
        "prefix": lineup.prefix,
        "source date epoch": str(lineup.source_date_epoch),
        "line-up environment": _text(lineup.environment),
    }
    for field in ("name", "version", "build", "environment", "payload", "tests", "license_files", "patches", "cpe"):
        inputs[f"recipe {field}"] = _text(stated[field])
    inputs["recipe sources"] = _text([_placement(source) for source in recipe.sources])
    for path in loaded.files():
        inputs[f"file {path.relative_to(loaded.folder)}"] = _file_digest(path)
    inputs |= {f"source {label}": digest for label, digest in sources.items()}
    inputs |= {f"dependency {name}": digest for name, digest in dependencies.items()}
    return inputs


def key_of(inputs: Mapping[str, str]) -> str:
    """Return the key: the sha256 (hex) of the inputs, whatever order they are in."""
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Change:
    """One input that differs; ``None`` stands for absent."""

    input: str
    before: str | None
    after: str | None


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Change, ...]:
    """Return the inputs that differ, by name; empty when the keys are equal."""
    names = sorted(before.keys() | after.keys())
    return tuple(Change(n, before.get(n), after.get(n)) for n in names if before.get(n) != after.get(n))


def recipe_digest(loaded: RecipeFolder) -> str:
    """Return one digest over a recipe's folder: its data and every file beside it."""
    parts = {str(path.relative_to(loaded.folder)): _file_digest(path) for path in loaded.files()}
    parts["recipe.yml"] = _text(loaded.recipe.model_dump(mode="json", by_alias=True))
    return hashlib.sha256(_text(parts).encode()).hexdigest()


def _placement(source: Source) -> object:
    """Return where a source goes; a file that is not unpacked keeps the name its location gives it."""
    names = () if source.unpack else (location.model_dump(exclude_none=True) for location in source.locations)
    return [source.into, source.unpack, *names]


def _file_digest(path: Path) -> str:
    """Return a file's sha256, and whether it is executable: a build sees no more of it."""
    return sha256_of(path) + (" executable" if path.stat().st_mode & 0o100 else "")


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
