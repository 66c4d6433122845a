"""`omnibuild graph`."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from commandline import Omnibuild

from omnibuild.commands.graph import tree

TREE = """\
greet 2.0
└── hello 1.0 (runtime)
    └── libhello 1.0 (link)
        └── mkgreeting 1.0 (build)
"""


def test_graph_shows_each_need_with_its_kind(tiny: Path, omnibuild: Omnibuild) -> None:
    ran = omnibuild("graph")
    assert (ran.code, ran.out) == (0, TREE)


def test_shipped_graph_leaves_build_dependencies_out(tiny: Path, omnibuild: Omnibuild) -> None:
    assert omnibuild("graph", "--shipped").out == TREE.rpartition("        └──")[0]
    assert list(omnibuild("graph", "--shipped", "--json").json["components"]) == ["libhello", "hello", "greet"]


def test_graph_as_json_names_what_is_shipped(tiny: Path, omnibuild: Omnibuild) -> None:
    document = omnibuild("graph", "--json").json
    assert document["name"] == "tiny"
    assert document["components"]["mkgreeting"] == {"version": "1.0", "shipped": False, "needs": {}}
    assert document["components"]["hello"]["needs"] == {"libhello": "link"}


def test_graph_as_dot_is_a_digraph_of_every_edge(tiny: Path, omnibuild: Omnibuild) -> None:
    text = omnibuild("graph", "--format", "dot").out
    assert text.startswith('digraph "tiny" {')
    assert '"hello" -> "libhello" [style=solid, label="link"];' in text
    assert text.count("->") == 3


@pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz is not installed")
def test_graphviz_reads_the_dot(tiny: Path, omnibuild: Omnibuild) -> None:
    text = omnibuild("graph", "--format", "dot").out
    assert b"<svg" in subprocess.run(["dot", "-Tsvg"], input=text.encode(), capture_output=True, check=True).stdout


def test_what_was_shown_is_not_unfolded_again() -> None:
    """A diamond: the shared component's own needs appear once."""
    edges = {"d": {}, "c": {"d": "link"}, "a": {"c": "link"}, "b": {"c": "link"}, "top": {"a": "link", "b": "link"}}
    lines = list(tree(edges, str))
    assert lines == [
        "top",
        "├── a (link)",
        "│   └── c (link)",
        "│       └── d (link)",
        "└── b (link)",
        "    └── c (link) …",
    ]
