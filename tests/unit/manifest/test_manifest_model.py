"""version-manifest.json: read, written, compared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from omnibuild.errors import InvalidInput
from omnibuild.manifest.diff import diff
from omnibuild.manifest.load import load_manifest
from omnibuild.manifest.model import SoftwareEntry, VersionManifest

OMNIBUS = {
    "manifest_format": 2,
    "software": {
        "zlib": {
            "locked_version": "1.2.8",
            "locked_source": {"url": "https://zlib.net/zlib-1.2.8.tar.gz", "md5": "44d667c142d7cda120332623eab69f40"},
            "source_type": "url",
            "described_version": "1.2.8",
            "license": "Zlib",
        },
        "leaderl": {
            "locked_version": "0123456789abcdef0123456789abcdef01234567",
            "locked_source": {"git": "https://example.com/leaderl.git"},
            "source_type": "git",
            "described_version": "master",
            "license": "Apache-2.0",
        },
    },
    "build_version": "1.0.0",
    "build_git_revision": "fedcba9876543210fedcba9876543210fedcba98",
    "license": "Apache-2.0",
}


def entry(version: str, *, sha256: str = "a" * 64, licence: str = "MIT", needs: tuple[str, ...] = ()) -> SoftwareEntry:
    return SoftwareEntry(version, {"url": "https://example.com", "sha256": sha256}, "url", version, licence, needs)


def manifest(version: str, **software: SoftwareEntry) -> VersionManifest:
    return VersionManifest(software, "tiny", version)


def test_manifest_of_omnibus_is_read(tmp_path: Path) -> None:
    """chef/omnibus's own writer has no ``name`` and no dependencies in it."""
    file = tmp_path / "version-manifest.json"
    file.write_text(json.dumps(OMNIBUS))
    found = load_manifest(tmp_path)
    assert found.build_version == "1.0.0"
    assert found.software["leaderl"].described_version == "master"


def test_what_is_written_is_read_back_alike(tmp_path: Path) -> None:
    one = manifest("1.0", zlib=entry("1.3"), app=entry("2", needs=("zlib",)))
    file = tmp_path / "m.json"
    file.write_bytes(one.dump())
    assert VersionManifest.load(file) == one


@pytest.mark.parametrize("text", ["", "[]", '{"manifest_format": 3}', '{"manifest_format": 2, "software": {"a": 1}}'])
def test_other_documents_are_refused_with_their_path(tmp_path: Path, text: str) -> None:
    file = tmp_path / "m.json"
    file.write_text(text)
    with pytest.raises(InvalidInput, match=r"m\.json"):
        VersionManifest.load(file)


def test_missing_manifest_is_an_error_that_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        load_manifest(tmp_path)
    assert "version-manifest.json" in caught.value.hint


def test_diff_tells_versions_from_other_changes() -> None:
    old = manifest("1.0", gone=entry("1"), same=entry("1"), newer=entry("1"), resourced=entry("1"))
    new = manifest("1.1", came=entry("1"), same=entry("1"), newer=entry("2"), resourced=entry("1", sha256="b" * 64))
    found = diff(old, new)
    assert found.added == (("came", "1"),)
    assert found.removed == (("gone", "1"),)
    assert [(u.name, u.what) for u in found.updated] == [
        ("newer", ("version", "source")[:1]),
        ("resourced", ("source",)),
    ]
    assert found.to_text() == "+ came       1\n- gone       1\n~ newer      1 → 2\n~ resourced  1: source\n"


def test_equal_manifests_have_an_empty_diff() -> None:
    assert diff(manifest("1.0", a=entry("1")), manifest("1.1", a=entry("1"))).empty


def test_markdown_is_a_table_of_all_components() -> None:
    lines = manifest("1.0", b=entry("2"), a=entry("1")).markdown().splitlines()
    assert lines[0] == "# tiny 1.0"
    assert lines[-2:] == ["| a | 1 | MIT | url |", "| b | 2 | MIT | url |"]
