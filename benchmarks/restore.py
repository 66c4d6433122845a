"""Lays trees of a store out below a folder: STORE FOLDER TREE-DIGEST...; a process of its own, to be measured."""

from __future__ import annotations

import sys
from pathlib import Path

from omnibuild.pipeline.assemble import merge
from omnibuild.store.local import LocalStore
from omnibuild.store.tree import Tree


def main(store_dir: str, into: str, *digests: str) -> None:
    """Merge the trees, and lay them out as hard links."""
    store = LocalStore(Path(store_dir))
    entries, _ = merge({digest: store.tree(digest) for digest in digests})
    store.materialise(Tree(entries), Path(into))


main(*sys.argv[1:])
