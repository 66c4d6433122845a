"""What a sandbox is to look like: plain values, sent to init.py as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Isolation(StrEnum):
    """How far a host can isolate a build.

    ``root``: namespaces as root. ``user``: the same inside a user namespace. ``none``: no
    namespaces; dependencies lie at the real prefix and DESTDIR captures the installation.
    """

    ROOT = "root"
    USER = "user"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Bind:
    """A host path shown at ``target`` inside, read-only unless ``writable``."""

    source: str
    target: str
    writable: bool = False


@dataclass(frozen=True, slots=True)
class Overlay:
    """The install root inside: ``lower`` folders under a writable ``upper``.

    ``work`` is overlayfs's scratch folder, on the same file system as ``upper``.
    """

    target: str
    lower: str
    upper: str
    work: str


@dataclass(frozen=True, slots=True)
class Step:
    """One command: argv, working directory inside, complete environment."""

    argv: tuple[str, ...]
    cwd: str
    env: dict[str, str]


@dataclass(frozen=True, slots=True)
class SandboxSpec:
    """One sandbox and the steps run in it, in order, until one fails.

    ``rootfs`` is the host folder whose top-level entries are shown read-only as ``/``;
    ``scratch`` an empty host folder used as mount point. ``owners`` maps paths under the
    overlay's target to the dependency they came from: which of them are opened is reported.
    """

    isolation: Isolation
    rootfs: str
    scratch: str
    steps: tuple[Step, ...]
    overlay: Overlay | None = None
    binds: tuple[Bind, ...] = ()
    writable: tuple[str, ...] = ("/tmp",)
    hostname: str = "omnibuild"
    owners: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return the document that init.py reads."""
        return json.dumps(asdict(self))

    @classmethod
    def parse(cls, text: str) -> SandboxSpec:
        """Read what ``to_json`` wrote; ValueError, KeyError or TypeError if it is something else."""
        document: dict[str, Any] = json.loads(text)
        overlay = document["overlay"]
        document |= {
            "isolation": Isolation(document["isolation"]),
            "steps": tuple(Step(tuple(step["argv"]), step["cwd"], step["env"]) for step in document["steps"]),
            "overlay": Overlay(**overlay) if overlay else None,
            "binds": tuple(Bind(**bind) for bind in document["binds"]),
            "writable": tuple(document["writable"]),
        }
        return cls(**document)
