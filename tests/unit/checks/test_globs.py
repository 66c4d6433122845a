"""Path globs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnibuild.checks.globs import matches


@pytest.mark.parametrize(
    ("glob", "path", "expected"),
    [
        ("lib/*.a", "lib/x.a", True),
        ("lib/*.a", "lib/y/x.a", False),
        ("lib/**/*.a", "lib/x.a", True),
        ("lib/**/*.a", "lib/y/z/x.a", True),
        ("share/doc/**", "share/doc/a/b", True),
        ("share/doc/**", "share/doc", False),
        ("**", "", True),
        ("**", "a/b", True),
        ("*", "a/b", False),
        ("**/x", "x", True),
        ("a?c", "abc", True),
        ("a?c", "a/c", False),
        ("[a-c].so", "b.so", True),
        ("[!a-c].so", "b.so", False),
        ("[!a]", "/", False),
        ("x.so", "xyso", False),
        ("a\nb", "a\nb", True),
        ("[", "[", True),
    ],
)
def test_cases(glob: str, path: str, expected: bool) -> None:  # noqa: FBT001 - a table
    """The table of what each sign stands for."""
    assert matches(glob, path) is expected


@given(st.text(st.characters(exclude_characters="*?[")))
def test_a_path_without_signs_matches_itself_only(path: str) -> None:
    """Everything that is not a sign stands for itself, dots and brackets of regular expressions too."""
    assert matches(path, path)
    assert not matches(path, path + "x")


@given(st.text(), st.text())
def test_no_glob_raises(glob: str, path: str) -> None:
    """Any text is a glob."""
    matches(glob, path)
