"""What tables look like."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from omnibuild.terminal.table import table

WORDS = st.lists(st.text("abc", min_size=1, max_size=9), max_size=9).map(" ".join)
ROWS = [("zlib", "used by everything that has to compress", "1"), ("a", "b", "link it with an rpath of the prefix")]


def test_last_column_is_folded_to_the_terminal_and_stays_a_column() -> None:
    rows = [("zlib", "link it with an rpath inside the prefix"), ("xz", "")]
    assert table(("name", "hint"), rows, columns=36) == (
        "name  hint\nzlib  link it with an rpath inside\n      the prefix\nxz"
    )


def test_what_has_no_room_beside_the_others_stands_below_them() -> None:
    """Under each row, as under the header, so that nothing is cut in the middle of a word."""
    assert (
        table(("name", "what", "hint"), ROWS, columns=50)
        == """\
name  what
    hint
zlib  used by everything that has to compress
    1
a     b
    link it with an rpath of the prefix"""
    )
    assert (
        table(("name", "what", "hint"), ROWS, columns=30)
        == """\
name
    what
    hint
zlib
    used by everything that
    has to compress
    1
a
    b
    link it with an rpath of
    the prefix"""
    )


def test_cells_without_text_take_no_line_below() -> None:
    assert (
        table(("name", "hint"), [("x" * 20, ""), ("y", "some words")], columns=24)
        == f"""\
name
    hint
{"x" * 20}
y
    some words"""
    )


def test_elsewhere_than_on_a_terminal_a_row_is_a_line() -> None:
    """Such as in a pipe, where grep looks for whole rows."""
    assert len(table(("name", "what", "hint"), ROWS).splitlines()) == 1 + len(ROWS)


@given(st.lists(st.tuples(WORDS, WORDS, WORDS)), st.integers(20, 100))
def test_no_line_is_longer_than_the_terminal(rows: list[tuple[str, str, str]], columns: int) -> None:
    """Unless the first column alone is."""
    assert all(len(line) <= columns for line in table(("name", "what", "hint"), rows, columns=columns).splitlines())


def test_a_terminal_of_hardly_any_column_is_no_reason_to_fail() -> None:
    """What is shown there is of no use, but the command went well."""
    assert "name" in table(("n", "description"), [("zlib", "name")], columns=2).replace("\n", "").replace(" ", "")
