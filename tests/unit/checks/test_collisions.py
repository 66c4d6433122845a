"""Paths that two components ship, before anything is laid out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omnibuild.checks.base import Built
from omnibuild.checks.collisions import find_collisions
from omnibuild.store.tree import Entry, EntryKind

if TYPE_CHECKING:
    from conftest import Planted

FILE = Entry("p", EntryKind.FILE, 0o644, "ab" * 32, 1)
LINK = Entry("p", EntryKind.SYMLINK, target="q")
FOLDER = Entry("p", EntryKind.DIRECTORY, 0o755)
BELOW = Entry("p/q/r", EntryKind.FILE, 0o644, "cd" * 32, 1)


@pytest.mark.parametrize(
    ("ours", "theirs", "collide"),
    [
        (FILE, FILE, False),
        (LINK, LINK, False),
        (FOLDER, FOLDER, False),
        (FILE, Entry("p", EntryKind.FILE, 0o755, "ab" * 32, 1), True),
        (FILE, Entry("p", EntryKind.FILE, 0o644, "cd" * 32, 1), True),
        (LINK, Entry("p", EntryKind.SYMLINK, target="r"), True),
        (FOLDER, Entry("p", EntryKind.DIRECTORY, 0o700), True),
        (FILE, FOLDER, True),
        (FILE, BELOW, True),
        (LINK, BELOW, True),
        (BELOW, LINK, True),
        (FOLDER, BELOW, False),
    ],
)
def test_only_what_is_identical_may_be_shipped_twice(
    planted: Planted,
    ours: Entry,
    theirs: Entry,
    collide: bool,  # noqa: FBT001 - a table
) -> None:
    """Either order of the components gives the same answer."""
    recipe = planted.recipes["alpha"]
    for first, second in ((ours, theirs), (theirs, ours)):
        found = list(find_collisions({"one": Built(recipe, (first,), None), "two": Built(recipe, (second,), None)}))
        assert len(found) == int(collide)
