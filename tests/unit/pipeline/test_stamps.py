"""When dist/ counts as untouched since the last run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from omnibuild.pipeline.stamps import FORMAT, REPORT_JSON, stamp, unchanged


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package beside the report of the run that wrote it, for the key ``k``."""
    path = tmp_path / "a.deb"
    path.write_bytes(b"deb")
    report = {"format": FORMAT, "key": "k", "files": {"a.deb": stamp(path)}}
    (tmp_path / REPORT_JSON).write_text(json.dumps(report))
    return path


def test_untouched_files_are_returned(package: Path) -> None:
    """The same key and the same files: nothing is to be done."""
    assert unchanged(package.parent, "k") == (package,)


def test_another_key_is_a_change(package: Path) -> None:
    """Other inputs ask for another package."""
    assert unchanged(package.parent, "other") is None


def test_a_touched_file_is_a_change(package: Path) -> None:
    """A file that was written again is not trusted, nor one that is gone."""
    package.write_bytes(b"changed")
    assert unchanged(package.parent, "k") is None
    package.unlink()
    assert unchanged(package.parent, "k") is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1, "key": "k", "files": {"a.deb": 1}}'])
def test_a_strange_report_is_a_change(package: Path, text: str) -> None:
    """A report that is not ours says nothing."""
    (package.parent / REPORT_JSON).write_text(text)
    assert unchanged(package.parent, "k") is None
