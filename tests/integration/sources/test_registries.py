"""Each registry for real, with something tiny; the same digests as everywhere."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from omnibuild.recipe.model import Source
from omnibuild.sources.archive import unpack
from omnibuild.sources.base import FetchOptions
from omnibuild.sources.fetch import FetchedSource, fetch_source
from omnibuild.sources.store import SourceStore

pytestmark = pytest.mark.registry

HELLO = "31e066137a962676e89f69d1b65382de95a7ef7d914b8cb956f41ea72e0f516b"
SIX = "4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274"
JUNIT = "8e495b634469d64fb8acfa3495a065cbacc8a0fff55ce1e31007be4c16dc57d3"
UUID = "ef67988eb3ad859da359f82e8db29f81bdc6864b00d91a37fd1ac587a05052eb"


def get(cache: Path, sha256: str, location: dict[str, Any]) -> FetchedSource:
    return fetch_source(
        Source.model_validate({"sha256": sha256, "locations": [location]}),
        variables={},
        recipe_dir=cache,
        store=SourceStore(cache),
        options=FetchOptions(),
        progress=lambda _: None,
        where="test",
    )


@pytest.mark.skipif(shutil.which("apt-get") is None, reason="no apt on this host")
@pytest.mark.parametrize("suite", ["bullseye", "bookworm", "trixie"])
def test_debian(tmp_path: Path, suite: str) -> None:
    """A source file by package name, of this, an older and a newer release than the host's."""
    found = get(tmp_path, HELLO, {"debian": {"package": "hello", "suite": suite, "file": "hello_2.10.orig.tar.gz"}})
    unpack(found.path, tmp_path / "hello")
    assert (tmp_path / "hello" / "configure").stat().st_mode & 0o100


def test_pypi(tmp_path: Path) -> None:
    """A wheel by project and file name, from the configured index."""
    found = get(tmp_path, SIX, {"pypi": {"project": "six", "file": "six-1.17.0-py2.py3-none-any.whl"}})
    unpack(found.path, tmp_path / "six")
    assert (tmp_path / "six" / "six.py").exists()


@pytest.mark.skipif(shutil.which("mvn") is None, reason="no mvn on this host")
def test_maven(tmp_path: Path) -> None:
    """An artifact by its coordinates, through mvn."""
    assert get(tmp_path, JUNIT, {"maven": "junit:junit:4.13.2:jar"}).file_name == "junit-4.13.2.jar"


def test_gomodule_is_the_same_from_two_caches(tmp_path: Path) -> None:
    """A vendored closure has one digest, wherever it is made."""
    for cache in ("one", "two"):
        found = get(tmp_path / cache, UUID, {"gomodule": {"modules": {"github.com/google/uuid": "v1.6.0"}}})
        assert found.sha256 == UUID
    unpack(found.path, tmp_path / "uuid")
    assert (tmp_path / "uuid/vendor/github.com/google/uuid/uuid.go").exists()
