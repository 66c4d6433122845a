"""A specification names its files as apt and rpm do, and refuses what the formats cannot say."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibuild.errors import InvalidInput
from omnibuild.packaging.contents import Content, ContentKind, Format
from omnibuild.packaging.nfpm_config import config_of, dump
from omnibuild.packaging.spec import PackageSpec, implied_directories, refuse_too_large

GIB = 1 << 30


def _large(size: int) -> Content:
    return Content("/opt/tiny/large", ContentKind.FILE, 0o644, source=Path("/store/x"), sha256="0" * 64, size=size)


SPEC = PackageSpec(
    name="tiny",
    version="3.2.0",
    release="1",
    summary="summary",
    description="description",
    maintainer="M <m@example.org>",
    vendor="V",
    homepage="https://example.org",
    license="MIT",
    source_date_epoch=1_735_689_600,
    contents=(
        Content("/etc/tiny/c", ContentKind.CONFIG, 0o640, "root", "adm", Path("/store/c"), "1" * 64, 1),
        Content("/opt/tiny", ContentKind.DIRECTORY, 0o755),
        Content("/opt/tiny/l", ContentKind.SYMLINK, target="/bin/sh"),
    ),
)


def test_file_names() -> None:
    """The release is part of the version in both names."""
    assert SPEC.file_name(Format.DEB) == "tiny_3.2.0-1_amd64.deb"
    assert SPEC.file_name(Format.RPM) == "tiny-3.2.0-1.x86_64.rpm"


@pytest.mark.parametrize("version", ["", "v1", "1-2", "1:2", "1_2", "1 2", "$V", "1\n"])
def test_a_version_that_only_one_format_reads_is_refused(version: str) -> None:
    """A dash would end the version in both, an underscore deb's, a colon is an epoch."""
    with pytest.raises(InvalidInput, match="version"):
        replace(SPEC, version=version)


@pytest.mark.parametrize("field", ["summary", "description", "maintainer", "vendor", "homepage", "license", "name"])
def test_a_dollar_in_a_field_is_refused(field: str) -> None:
    """nfpm would replace it by the environment's value."""
    changed: dict[str, Any] = {field: "a $HOME b"}
    with pytest.raises(InvalidInput, match=f"'\\$' in .*{'rpm' if field == 'summary' else field}"):
        config_of(replace(SPEC, **changed), Format.RPM)


@pytest.mark.parametrize("package_format", list(Format))
def test_a_dollar_in_a_requirement_is_refused(package_format: Format) -> None:
    """Relations are expanded, too."""
    with pytest.raises(InvalidInput, match="depends"):
        config_of(replace(SPEC, depends={package_format: ("lib$X",)}), package_format)


def test_nothing_is_left_to_the_disk_or_the_host() -> None:
    """Each entry has its mode, and owner and group unless they are root; time, build host, umask, globs are fixed."""
    config = config_of(SPEC, Format.RPM)
    assert config["umask"] == 0
    assert config["disable_globbing"] is True
    assert config["rpm"]["buildhost"] == "localhost"
    assert config["mtime"] == "2025-01-01T00:00:00Z"
    for entry, content in zip(config["contents"], SPEC.contents, strict=True):
        access = entry["file_info"]
        assert access["mode"] > 0
        assert (access.get("owner", "root"), access.get("group", "root")) == (content.owner, content.group)
        assert "expand" not in entry
    assert [entry["type"] for entry in config["contents"]] == ["config|noreplace", "dir", "symlink"]


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_survives_the_configuration(text: str) -> None:
    """A YAML reader gets back what was written, whatever characters a path has."""
    config = {"name": text, "contents": [{"dst": text}]}
    assert yaml.safe_load(dump(config)) == json.loads(dump(config)) == config


@pytest.mark.parametrize(("package_format", "size"), [(Format.RPM, 4 * GIB), (Format.DEB, 10**10)])
def test_what_an_archive_cannot_express_is_refused_before_it_is_built(package_format: Format, size: int) -> None:
    """A byte less is accepted."""
    refuse_too_large(replace(SPEC, contents=(_large(size - 1),)), package_format)
    with pytest.raises(InvalidInput, match=str(size)):
        refuse_too_large(replace(SPEC, contents=(_large(size),)), package_format)


def test_a_deb_lists_the_parents_that_it_does_not_own() -> None:
    """nfpm writes them so that dpkg can make them."""
    assert implied_directories(SPEC) == {"/etc", "/etc/tiny", "/opt"}
