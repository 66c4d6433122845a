"""Fixtures for tests on real packages: clean roots, and a tiny package to put into them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from roots import Root, Roots, RootUnavailable
from stub import provided_by, write_stub
from tiny import Tiny, write_tiny


@pytest.fixture(scope="session")
def roots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Roots]:
    """All roots of this session; their unpacked bases are shared by its tests and removed at its end."""
    folder = tmp_path_factory.mktemp("roots")
    yield Roots(folder)
    subprocess.run(["rm", "-rf", str(folder)], check=True)


@pytest.fixture
def debian_root(roots: Roots) -> Callable[..., Root]:
    """Make a fresh Debian root: ``debian_root("trixie", include=["procps"])``."""

    def make(suite: str, *, include: Iterable[str] = ()) -> Root:
        return _made(lambda: roots.debian(suite, include=include))

    return make


@pytest.fixture
def rpm_root(debian_root: Callable[..., Root], tmp_path: Path) -> Callable[..., Root]:
    """Make a root with rpm and an empty database but for a stub.

    The stub provides what the root's own glibc and shell do, without what ``lacking`` matches:
    a way to see what happens on a system with an older glibc.
    """

    def make(*, lacking: str = "no such symbol version") -> Root:
        root = debian_root("bookworm", include=["rpm"])
        provides = tuple(name for name in provided_by(root.base) if lacking not in name)
        (stub,) = root.put(write_stub(provides, tmp_path))
        root.sh(f"rpm --initdb && rpm --force-debian --install {stub}")
        return root

    return make


@pytest.fixture
def tiny(tmp_path: Path) -> Tiny:
    """The tiny package's tree and its specification, freshly written."""
    return write_tiny(tmp_path / "tiny")


def _made(make: Callable[[], Root]) -> Root:
    """Skip with the reason where no root can be made."""
    try:
        return make()
    except RootUnavailable as error:
        pytest.skip(str(error))
