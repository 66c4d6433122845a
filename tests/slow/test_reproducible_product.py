"""The real product, built twice from nothing: the packages are the same to the bit."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from omnibuild.store.place import default_store

REPOSITORY = Path(__file__).parent.parent.parent
HOURS = 3600


@dataclass(frozen=True)
class Builder:
    """The circumstances of one build, all of which must not matter."""

    folder: str
    host: str
    umask: str
    environment: Mapping[str, str]


BUILDERS = (
    Builder("a", "alpha", "022", {"TZ": "UTC", "LC_ALL": "C.UTF-8", "USER": "release"}),
    Builder("a/much/longer/checkout/path", "omega", "077", {"TZ": "Pacific/Auckland", "LC_ALL": "C", "USER": "nobody"}),
)


def build(builder: Builder, tmp_path: Path, rootfs: Path) -> str:
    """Clone, build everything in a store of its own, and return SHA256SUMS."""
    checkout = tmp_path / builder.folder / "checkout"
    checkout.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["git", "clone", "--quiet", str(REPOSITORY), str(checkout)], check=True)
    home = tmp_path / builder.folder / "home"
    home.mkdir()
    omnibuild = [sys.executable, "-m", "omnibuild", "package", "--locked", "--rootfs", str(rootfs)]
    omnibuild += ["--store", str(home / "store"), "--mirror-dir", str(default_store() / "sources" / "sources")]
    script = f'hostname {builder.host} && umask {builder.umask} && exec "$@"'
    subprocess.run(
        ["unshare", "--uts", "sh", "-euc", script, "build", *omnibuild],
        cwd=checkout,
        env={"PATH": os.environ["PATH"], "HOME": str(home), **builder.environment},
        check=True,
        timeout=3 * HOURS,
    )
    return (checkout / "dist" / "SHA256SUMS").read_text()


@pytest.mark.slow
@pytest.mark.root
def test_two_builds_of_the_product_give_the_same_bytes(tmp_path: Path) -> None:
    """Another host name, umask, time zone, locale, home, checkout path and hour: the same sha256."""
    rootfs = os.environ.get("OMNIBUILD_ROOTFS")
    if not rootfs:
        pytest.skip("OMNIBUILD_ROOTFS does not name the build image's tree: run `make test-slow`")
    first, second = (build(builder, tmp_path, Path(rootfs)) for builder in BUILDERS)
    assert first == second
