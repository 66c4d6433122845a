"""The build image: made by Docker from a Dockerfile, used as a plain file tree.

Only its *files* are needed: the sandbox shows them read-only as ``/`` and runs the recipes'
commands there (docs/decisions/0002-image-as-a-tree.md). Docker makes the image and exports it
once (engine.py); building needs no Docker engine. A tree is kept below
``<store>/images/<key>``, where the key covers the Dockerfile and the base's name.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from omnibuild.errors import HostLacks, InvalidInput

_DEFAULT_BASE = re.compile(r"^ARG\s+BASE_IMAGE=(\S+)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ImageSpec:
    """A Dockerfile and the base it is told to use (empty: the Dockerfile's own default)."""

    dockerfile: Path
    base_image: str = ""

    @property
    def text(self) -> str:
        """The Dockerfile's content."""
        try:
            return self.dockerfile.read_text(encoding="utf-8")
        except OSError as error:
            raise InvalidInput(
                f"{self.dockerfile}: {error.strerror}", hint="give the Dockerfile of the build image"
            ) from error

    @property
    def key(self) -> str:
        """The name of this image's tree in the store."""
        return hashlib.sha256(f"{self.text}\0{self.base_image}".encode()).hexdigest()[:24]

    @property
    def base(self) -> str:
        """The base in use: the one told, else the default of the Dockerfile's ``ARG BASE_IMAGE``."""
        found = _DEFAULT_BASE.search(self.text)
        if not self.base_image and found is None:
            raise InvalidInput(f"{self.dockerfile}: there is no ARG BASE_IMAGE=…", hint="or give --base-image")
        return self.base_image or (found[1] if found else "")

    def tree(self, store: Path) -> Path:
        """Where the image's files lie once it is made."""
        return store / "images" / self.key / "rootfs"

    def record(self, store: Path) -> Path:
        """The file that is written when the tree is complete."""
        return self.tree(store).with_name("image.json")


def bootstrapped(suite: str) -> str:
    """Return the name of the base image that `omnibuild image bootstrap` makes of a Debian suite."""
    return f"omnibuild-base:{suite}"


def candidates(dockerfile: Path, base_image: str, bootstrap_suite: str) -> tuple[ImageSpec, ...]:
    """Return the images that serve, best first: the stated base, then the one made with debootstrap."""
    stated = ImageSpec(dockerfile, base_image)
    return (stated, ImageSpec(dockerfile, bootstrapped(bootstrap_suite))) if bootstrap_suite else (stated,)


def find(specs: tuple[ImageSpec, ...], store: Path) -> Path:
    """Return the tree of the first image that is in the store; HostLacks if none is."""
    for spec in specs:
        if spec.record(store).is_file():
            return spec.tree(store)
    raise HostLacks(
        f"{store}: the image of {specs[0].dockerfile} is not there",
        hint=f"make it, with the same options: omnibuild image build {specs[0].dockerfile}",
    )
