"""The Python index, played by a local server that PIP_INDEX_URL points to."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from omnibuild.errors import SourceUnavailable

DATA = b"wheel"
SHA256 = hashlib.sha256(DATA).hexdigest()
SOURCE = {"sha256": SHA256, "locations": [{"pypi": {"project": "Six_Pack", "file": "six-1.2.whl"}}]}


@pytest.fixture(autouse=True)
def index(site: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("PIP_INDEX_URL", site.url("simple/"))
    return site


def page(site: Any, digest: str) -> None:
    body = f'<a href="/files/six-1.2.whl#sha256={digest}">six-1.2.whl</a>'.encode()
    site.serve("simple/six-pack/", body, Content_Type="text/html")


def test_file_is_found_by_its_exact_name(site: Any, fetch: Any) -> None:
    """The configured index is asked, by the project's normal name."""
    page(site, SHA256)
    site.serve("files/six-1.2.whl", DATA)
    assert fetch(SOURCE).path.read_bytes() == DATA


def test_other_digest_in_the_index(site: Any, fetch: Any) -> None:
    """A file whose listed digest is not the pin is not even downloaded."""
    page(site, "0" * 64)
    with pytest.raises(SourceUnavailable, match="the index has other bytes"):
        fetch(SOURCE)
    assert [path for path, *_ in site.asked] == ["/simple/six-pack/"]


def test_unknown_project_and_file(site: Any, fetch: Any) -> None:
    """What the index lacks is the reason."""
    with pytest.raises(SourceUnavailable, match="no project Six_Pack"):
        fetch(SOURCE)
    site.serve("simple/six-pack/", b"<html></html>", Content_Type="text/html")
    with pytest.raises(SourceUnavailable, match=r"no file six-1\.2\.whl"):
        fetch(SOURCE)
