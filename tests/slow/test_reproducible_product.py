"""The real product, built twice from nothing: the packages are the same to the bit."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from nobody import as_nobody, give

from omnibuild.store.place import default_store

REPOSITORY = Path(__file__).parent.parent.parent
HOURS = 3600
SOURCES = default_store() / "sources" / "sources"


@pytest.fixture
def rootfs() -> Path:
    """The build image's files."""
    found = os.environ.get("OMNIBUILD_ROOTFS")
    if not found:
        pytest.skip("OMNIBUILD_ROOTFS does not name the build image's tree: run `make test-slow`")
    return Path(found)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that an ordinary user may reach."""
    folder = Path("/var/tmp") / f"omnibuild-place-{os.getpid()}"
    folder.mkdir()
    yield folder
    subprocess.run(["rm", "-rf", str(folder)], check=True)


def checkout(at: Path) -> Path:
    """Clone this repository."""
    at.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["git", "clone", "--quiet", str(REPOSITORY), str(at)], check=True)
    return at


def arguments(rootfs: Path, sources: Path, store: Path) -> list[str]:
    """Return the command line of a build that has nothing but the sources."""
    places = ["--rootfs", str(rootfs), "--mirror-dir", str(sources), "--store", str(store)]
    return ["package", "--locked", "--offline", *places]


def sums(checked_out: Path) -> str:
    return (checked_out / "dist" / "SHA256SUMS").read_text()


@pytest.mark.slow
@pytest.mark.root
def test_two_builds_of_the_product_give_the_same_bytes(tmp_path: Path, place: Path, rootfs: Path) -> None:
    """Root here and now; an ordinary user on another host, a year later, with other settings, elsewhere."""
    first = checkout(tmp_path / "checkout")
    argv = [sys.executable, "-m", "omnibuild", *arguments(rootfs, SOURCES, tmp_path / "store")]
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run(argv, cwd=first, env=environment, check=True, timeout=3 * HOURS)

    second = checkout(place / "a/much/longer/checkout/path")
    give(place)
    world = "umask 077; export TZ=Pacific/Auckland LANG=tr_TR.UTF-8 LC_ALL=C USER=nobody"
    done = as_nobody(
        place,
        arguments(place / "rootfs", place / "sources", place / "store"),
        around=["sh", "-euc", f'{world}; exec faketime "+1 year" "$@"', "sh"],
        show={"rootfs": rootfs, "sources": SOURCES},
        cwd=second,
        timeout_s=3 * HOURS,
    )
    assert done.returncode == 0, done.stderr[-5000:]
    assert sums(first) == sums(second)
