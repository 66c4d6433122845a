"""The list of contents is complete, sorted and without contradictions."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibuild.errors import InvalidInput
from omnibuild.packaging.contents import (
    SYSTEM_DIRECTORIES,
    Content,
    ContentKind,
    Format,
    contents_of,
    of_format,
    parents,
)
from omnibuild.store.tree import Entry, EntryKind

ROOT = "/opt/tiny"
DIRECTORY, FILE, SYMLINK = ContentKind.DIRECTORY, ContentKind.FILE, ContentKind.SYMLINK


def _contents(entries: list[Entry], *extras: Content) -> tuple[Content, ...]:
    return contents_of(ROOT, entries, lambda entry: Path("/store") / entry.sha256, extras)


def _file(path: str, mode: int = 0o644) -> Entry:
    return Entry(path, EntryKind.FILE, mode, "ab" * 32, 3)


def test_each_entry_becomes_a_content_below_the_root() -> None:
    """Kind, mode, digest, size and target are carried over; the source is where the store has it."""
    link = Entry("b", EntryKind.SYMLINK, target="a")
    assert _contents([link, _file("a", 0o755)]) == (
        Content(ROOT, DIRECTORY, 0o755),
        Content(f"{ROOT}/a", FILE, 0o755, source=Path("/store") / ("ab" * 32), sha256="ab" * 32, size=3),
        Content(f"{ROOT}/b", SYMLINK, target="a"),
    )


def test_owned_parents_are_added_and_system_ones_are_not() -> None:
    """Below /etc the package owns its own folder, never /etc itself."""
    paths = {item.path for item in _contents([_file("x/y/z")], Content("/etc/tiny/conf.d/a", FILE, 0o644))}
    assert paths == {
        *(ROOT, f"{ROOT}/x", f"{ROOT}/x/y", f"{ROOT}/x/y/z"),
        *("/etc/tiny", "/etc/tiny/conf.d", "/etc/tiny/conf.d/a"),
    }


def test_a_declared_directory_decides_over_a_payload_directory() -> None:
    """The line-up says who owns a folder that a component happens to bring, too."""
    declared = Content(f"{ROOT}/sv", DIRECTORY, 0o750, "daemon", "adm")
    assert declared in _contents([Entry("sv", EntryKind.DIRECTORY, 0o755)], declared)


def test_a_path_of_one_format_is_in_that_one_only() -> None:
    """Debian's documents do not enter the rpm, nor do their folders."""
    contents = _contents([], Content("/usr/share/doc/tiny/copyright", FILE, 0o644, only=Format.DEB))
    assert {item.path for item in of_format(contents, Format.RPM)} == {ROOT}
    assert "/usr/share/doc/tiny" in {item.path for item in of_format(contents, Format.DEB)}


@pytest.mark.parametrize(
    ("entries", "extra", "message"),
    [
        ([_file("a")], Content(f"{ROOT}/a", SYMLINK, target="b"), "/opt/tiny/a: wanted both as file and as symlink"),
        ([_file("a"), _file("a/b")], None, "/opt/tiny/a/b: lies below /opt/tiny/a, which is a file"),
        ([], Content("/etc", DIRECTORY, 0o755), "/etc: belongs to the system"),
        ([], Content("/opt/../etc/x", FILE, 0o644), "/opt/../etc/x: not a clean absolute path"),
        ([_file("new\nline")], None, "control characters"),
        ([_file("latin-\udce9")], None, "bytes that are not UTF-8"),
        ([_file("a", 0)], None, "/opt/tiny/a: has no permission at all"),
        ([Entry("l", EntryKind.SYMLINK, target="./x/../y")], None, "not in its shortest form 'y'"),
    ],
)
def test_what_no_package_can_hold_is_refused(entries: list[Entry], extra: Content | None, message: str) -> None:
    """The path and the reason are named."""
    with pytest.raises(InvalidInput) as caught:
        _contents(entries, *([extra] if extra else []))
    assert message in caught.value.message


def test_all_problems_are_reported_at_once() -> None:
    """Two bad paths make one error with two lines."""
    with pytest.raises(InvalidInput) as caught:
        _contents([_file("a", 0), _file("b", 0)])
    assert len(caught.value.message.splitlines()) == 3


NAMES = st.text("ab", min_size=1, max_size=2)


@settings(deadline=None)
@given(st.lists(st.lists(NAMES, min_size=1, max_size=4).map("/".join), unique=True))
def test_contents_are_sorted_unique_and_closed(paths: list[str]) -> None:
    """Each parent of each path is in the list or the system's, whatever the entries are."""
    leaves = [path for path in paths if not any(other.startswith(f"{path}/") for other in paths)]
    listed = [item.path for item in _contents([_file(path) for path in leaves])]
    assert listed == sorted(set(listed))
    for path in listed:
        assert set(parents(path)) <= set(listed) | SYSTEM_DIRECTORIES


def test_all_that_is_above_a_folder_of_the_system_is_the_systems() -> None:
    """A path's parents are looked at up to the first of them only."""
    assert {parent for path in SYSTEM_DIRECTORIES for parent in parents(path)} <= SYSTEM_DIRECTORIES
