"""Tables that keep their shape on a narrow terminal: what has no room beside the other columns stands below them."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Collection, Iterable, Iterator, Sequence

_GAP = "  "
_INDENT = "    "
_NARROWEST = 30


def table(
    header: Sequence[str], rows: Iterable[Sequence[str]], *, right: Collection[str] = (), columns: int | None = None
) -> str:
    """Return lines with aligned columns, those named in ``right`` to the right.

    They fit into ``columns`` (without: into the terminal, if they go to one): the last column is folded, or,
    where too little is left for it, those that have no room stand below the others, a line each.
    """
    lines = [header, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    width = columns or (shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize)
    beside = _beside(widths, width)

    def show(line: Sequence[str]) -> Iterator[str]:
        cells = zip(header, line, widths, strict=True)
        aligned = [cell.rjust(size) if name in right else cell.ljust(size) for name, cell, size in cells]
        left = "".join(cell + _GAP for cell in aligned[: beside - 1])
        first, *more = _folded(aligned[beside - 1].rstrip(), width - len(left))
        yield (left + first).rstrip()
        yield from (" " * len(left) + part for part in more)
        for cell in line[beside:]:
            yield from (_INDENT + part for part in _folded(cell, width - len(_INDENT)) if part)

    return "\n".join(part for line in lines for part in show(line))


def _beside(widths: Sequence[int], width: int) -> int:
    """Return how many columns stand beside each other: all, with the last one folded, or as many as fit whole."""
    ends = [sum(widths[: count + 1]) + len(_GAP) * count for count in range(len(widths))]
    left_for_last = width - (ends[-1] - widths[-1])
    if left_for_last >= min(widths[-1], _NARROWEST):
        return len(widths)
    return max(1, sum(end <= width for end in ends))


def _folded(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(width, 1), break_on_hyphens=False) if len(text) > width else [text]
