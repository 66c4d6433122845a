"""Following paths, compared with the kernel."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from omnibuild.checks.filetree import FileTree, Where
from omnibuild.store.tree import Entry, EntryKind

_NAMES = ("a", "b", "c")
_PART = st.sampled_from((*_NAMES, "..", "."))
_TARGET = st.lists(_PART, min_size=1, max_size=4).map("/".join)


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(st.sampled_from(("a/a", "a/b", "b/a", "c", "a/c/a", "b/c")), _TARGET, max_size=5),
    st.lists(_PART, min_size=1, max_size=5).map("/".join),
)
def test_paths_end_where_the_kernel_says(links: dict[str, str], path: str) -> None:
    """Random links in a random tree: the same end, or the same failure, as os.path.realpath (strict)."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        entries = [Entry("a/x", EntryKind.FILE), Entry("b/x", EntryKind.FILE)]
        for name in ("a", "b"):
            (root / name).mkdir(parents=True)
            (root / name / "x").touch()
        for place, target in links.items():
            (root / place).parent.mkdir(exist_ok=True)
            (root / place).symlink_to(target)
            entries.append(Entry(place, EntryKind.SYMLINK, target=target))
        followed = FileTree(str(root), {"x": entries}).follow(f"{root}/{path}")
        try:
            real = os.path.realpath(f"{root}/{path}", strict=True)
        except OSError:
            assert followed.where is not Where.INSIDE
            return
        inside = real == str(root) or real.startswith(f"{root}/")
        if inside:
            assert (followed.where, followed.path) == (Where.INSIDE, os.path.relpath(real, root))
        else:
            assert followed.where is Where.OUTSIDE


def test_a_root_of_slash_has_no_outside() -> None:
    """The whole host can be a tree as well."""
    tree = FileTree(
        "/", {"host": [Entry("usr/bin/x", EntryKind.FILE), Entry("bin", EntryKind.SYMLINK, target="usr/bin")]}
    )
    assert tree.follow("/bin/x").path == "usr/bin/x"
    assert tree.follow("/../bin/x").path == "usr/bin/x"
