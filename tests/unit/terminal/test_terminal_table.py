"""What tables look like."""

from __future__ import annotations

from omnibuild.terminal.render import table

ROWS = [("zlib", "used by everything that has to compress", "1"), ("a", "b", "link it with an rpath of the prefix")]


def test_last_column_is_folded_to_the_terminal_and_stays_a_column() -> None:
    rows = [("zlib", "link it with an rpath inside the prefix"), ("xz", "")]
    assert table(("name", "hint"), rows, columns=30) == (
        "name  hint\nzlib  link it with an rpath\n      inside the prefix\nxz"
    )


def test_terminal_without_room_for_the_last_column_folds_by_itself() -> None:
    assert table(("name", "what", "hint"), ROWS, columns=40) == table(("name", "what", "hint"), ROWS)
