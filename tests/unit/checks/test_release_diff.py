"""The difference to the last release, and what of it stops the next one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from omnibuild.checks.base import Severity
from omnibuild.checks.release_description import ComponentFacts, ReleaseDescription, describe
from omnibuild.checks.release_diff import diff
from omnibuild.checks.release_gate import judge
from omnibuild.checks.release_text import to_markdown
from omnibuild.errors import InvalidInput
from omnibuild.store.tree import Entry, EntryKind

if TYPE_CHECKING:
    from conftest import Compile, Planted


def _file(path: str, mode: int = 0o755, content: str = "a", size: int = 100) -> Entry:
    return Entry(path, EntryKind.FILE, mode, content * 64, size)


def _release(version: str, *files: Entry, license: str = "MIT", soname: str = "liba.so.1") -> ReleaseDescription:  # noqa: A002
    facts = ComponentFacts(version, license, sum(entry.size for entry in files))
    return ReleaseDescription(
        "product", version, {"alpha": facts}, {entry.path: entry for entry in files}, {soname: ("lib/liba.so",)}
    )


OLD = _release("1.0", _file("bin/app"), _file("bin/old"), _file("lib/liba.so"))


def _gates(new: ReleaseDescription, **severity: str) -> list[tuple[str, Severity]]:
    return [(item.problem.check, item.severity) for item in judge(diff(OLD, new), severity)]


def test_a_description_is_made_from_the_prefix_and_survives_the_file(planted: Planted, compiled: Compile) -> None:
    """What is dumped is what is loaded, links and modes included."""
    planted.elf("alpha", "embedded/lib/liba.so.1", compiled("int a;", "-shared", "-fPIC", "-Wl,-soname,liba.so.1"))
    planted.link("alpha", "embedded/lib/liba.so", "liba.so.1")
    planted.file("alpha", "embedded/bin/su", b"x", 0o4755)
    release = describe(planted.subject(), name="product", version="1")
    assert release.sonames == {"liba.so.1": ("embedded/lib/liba.so.1",)}
    assert release.setuid == {"embedded/bin/su": 0o4755}
    assert release.components["alpha"].size == release.size
    assert ReleaseDescription.load(release.dump(), where="x") == release


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"format": 99}', b'{"format": 1, "name": 1}'])
def test_other_files_are_refused_by_name(data: bytes) -> None:
    """Another format, or no description at all."""
    with pytest.raises(InvalidInput, match="last\\.json"):
        ReleaseDescription.load(data, where="last.json")


def test_equal_releases_have_no_difference() -> None:
    """And no gate speaks up."""
    assert "no difference" in to_markdown(diff(OLD, OLD))
    assert _gates(OLD) == []


def test_a_removed_soname_is_an_error() -> None:
    """Somebody's extension was linked against it."""
    new = _release("1.0", *OLD.files.values(), soname="liba.so.2")
    assert _gates(new) == [("soname_removed", Severity.ERROR)]
    assert _gates(new, soname_removed="warning") == [("soname_removed", Severity.WARNING)]
    assert _gates(new, soname_removed="off") == []


def test_a_new_setuid_file_is_an_error_and_a_lost_one_is_not() -> None:
    """Also when the file itself was there before."""
    new = replace(OLD, files={**OLD.files, "bin/app": _file("bin/app", 0o4755)})
    assert _gates(new) == [("setuid_added", Severity.ERROR)]
    assert judge(diff(new, OLD), {}) == ()


def test_a_changed_licence_is_an_error() -> None:
    """Even if the new one is allowed."""
    assert _gates(_release("1.0", *OLD.files.values(), license="Zlib")) == [("license_changed", Severity.ERROR)]


def test_a_removed_file_and_growth_are_warnings() -> None:
    """Both are often intended, and both should be known."""
    new = _release("1.0", _file("bin/app", size=900), _file("lib/liba.so"))
    assert _gates(new) == [("files_removed", Severity.WARNING), *[("size_grown", Severity.WARNING)] * 2]


def test_a_removed_component_is_a_warning() -> None:
    """Its size and licence are no second and third finding."""
    new = replace(OLD, components={})
    assert _gates(new) == [("component_removed", Severity.WARNING)]


def test_the_renderings_tell_the_same() -> None:
    """Markdown and JSON of one difference."""
    new = _release("1.1", _file("bin/app", 0o4755, "b", 250), _file("bin/new"), license="Zlib", soname="liba.so.2")
    difference = diff(OLD, new)
    assert to_markdown(difference) == MARKDOWN
    document = json.loads(json.dumps(difference.to_json()))
    assert document["setuid"] == {"bin/app": {"old": None, "new": "4755"}}
    assert document["sonames_removed"] == {"liba.so.1": ["lib/liba.so"]}


MARKDOWN = """\
# product 1.0 → product 1.1

## Components (1)

- `alpha: 1.0 → 1.1`

## Licences (1)

- `alpha: MIT → Zlib`

## Libraries (SONAME) removed (1)

- `liba.so.1`

## Libraries (SONAME) added (1)

- `liba.so.2`

## Setuid and setgid (1)

- `bin/app: (none) → 4755`

## Sizes (2)

- `total: 300 → 350 bytes (+16.7 %)`
- `alpha: 300 → 350 bytes (+16.7 %)`

## Files removed (2)

- `bin/old`
- `lib/liba.so`

## Files added (1)

- `bin/new`

## Files changed (1)

- `bin/app`

## Modes changed (1)

- `bin/app: 0755 → 4755`
"""
