"""What the operator is told of a bundle, before and after it is made. Pure but for the sizes of files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from chef_backend.bundle.gather import LIMITS, MANIFEST, Bundle
from chef_backend.bundle.item import Copy, Item

_UNITS: Final = ("B", "KiB", "MiB", "GiB")
_STEP: Final = 1024
_SHOWN: Final = 10
_PROC: Final = Path("/proc")


def preview(items: Iterable[Item]) -> Iterator[str]:
    """Yield a line for each item: how much it is, or is at most, where it is put, and where it comes from."""
    total = 0
    for item in items:
        size = _size(item)
        total += size if size is not None else item.limit
        shown = f"<= {amount(item.limit)}" if size is None else amount(size)
        yield f"{shown:>12}  {item.path:<44}  {item.source}"
    yield f"{'<= ' + amount(min(total, LIMITS.size)):>12}  in all, before it is compressed"


def closing_lines(bundle: Bundle) -> Iterator[str]:
    """Yield what was masked, and what is not in it."""
    for entry in bundle.masked:
        yield f"masked: {entry.masked} in {entry.path}"
    yield from (f"not in it: {entry.path}: {entry.problem}" for entry in bundle.failed[:_SHOWN])
    if len(bundle.failed) > _SHOWN:
        yield f"not in it: {len(bundle.failed) - _SHOWN} more, see its {MANIFEST}"


def amount(size: int) -> str:
    """Return a number of bytes for people."""
    number, unit = float(size), 0
    while number >= _STEP and unit < len(_UNITS) - 1:
        number, unit = number / _STEP, unit + 1
    return f"{number:.1f} {_UNITS[unit]}" if unit else f"{size} B"


def _size(item: Item) -> int | None:
    """Return how much of a file goes into the bundle; what a program writes is known when it was run."""
    # A file of /proc says that it is empty, and is not.
    if isinstance(item, Copy) and _PROC not in item.file.parents:
        with suppress(OSError):
            return min(item.file.lstat().st_size, item.limit)
        return 0
    return None
