"""A table of text, as other people's tools cut it: left aligned, two blanks apart, the last column padded too."""

from __future__ import annotations

from collections.abc import Sequence

from chef_backend.base.log import printable

_GAP = "  "


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return lines with a break at the end of each; every line is as long as the longest needs."""
    cells = [[printable(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    return "".join(
        _GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + "\n" for row in cells
    )


def shown(text: str, *, to_terminal: bool) -> str:
    """Return a table as it is written: on a terminal, where they would only break lines, without blanks at the ends."""
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines()) if to_terminal else text


def duration(seconds: float) -> str:
    """Return a time as `27d 9h 51m 38s`, every part always there."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"{days}d {hours}h {minutes}m {rest}s"
