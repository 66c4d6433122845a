"""What of a folder becomes a payload: the pure part, on plain files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from omnibuild.component import capture
from omnibuild.errors import BuildFailed
from omnibuild.recipe.model import Payload
from omnibuild.store.tree import Entry, EntryKind, Tree


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in ("embedded/lib/a.a", "embedded/lib/b.so", "embedded/lib/deep/c.a", "embedded/share/doc/x", "a.a"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)
    (tmp_path / "embedded/link.a").symlink_to("lib")
    return tmp_path


def left(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir() or path.is_symlink()}


@pytest.mark.parametrize(
    ("pattern", "gone"),
    [
        ("lib/*.a", {"embedded/lib/a.a"}),
        ("**/*.a", {"embedded/lib/a.a", "embedded/lib/deep/c.a", "embedded/link.a"}),
        ("lib/**", {"embedded/lib/a.a", "embedded/lib/b.so", "embedded/lib/deep/c.a"}),
        ("lib/deep", {"embedded/lib/deep/c.a"}),
        ("link.a", {"embedded/link.a"}),
        ("lib/[ab].*", {"embedded/lib/a.a", "embedded/lib/b.so"}),
        ("[ls]*/**/*", {"embedded/lib/a.a", "embedded/lib/b.so", "embedded/lib/deep/c.a", "embedded/share/doc/x"}),
    ],
)  # fmt: skip
def test_prune_removes_what_matches_below_the_scope(folder: Path, pattern: str, gone: set[str]) -> None:
    """Globs are relative to the prefix; a link goes itself, never what it points to."""
    before = left(folder)
    capture.prune(folder, "embedded", [pattern])
    assert before - left(folder) == gone


@pytest.mark.parametrize("pattern", ["bin/*", "../a.a", "a.a", "link.a/*", "lib/*.so.1"])
def test_a_pattern_that_matches_nothing_is_an_error(folder: Path, pattern: str) -> None:
    """Neither what lies outside of the scope nor what a link leads to can be named."""
    before = left(folder)
    with pytest.raises(BuildFailed, match="matches nothing"):
        capture.prune(folder, "embedded", [pattern])
    assert left(folder) == before


def test_the_scope_may_be_the_root(folder: Path) -> None:
    """Where prefix and root are one, globs are relative to it."""
    capture.prune(folder, ".", ["a.a", "embedded/**"])
    assert left(folder) == set()


def test_scan_leaves_out_what_dependencies_have(folder: Path) -> None:
    """Equal entries and shared folders that hold nothing new are the dependency's alone."""
    whole = capture.scan(folder, lower={})
    lower = {entry.path: entry for entry in whole.entries if not entry.path.startswith("embedded/share")}
    own = capture.scan(folder, lower=lower)
    assert {entry.path for entry in own.entries} == {
        "embedded", "embedded/share", "embedded/share/doc", "embedded/share/doc/x",
    }  # fmt: skip


def test_elf_files_are_found_by_content(tmp_path: Path) -> None:
    """Names say nothing; links are not followed."""
    (tmp_path / "program").write_bytes(b"\x7fELF rest")
    (tmp_path / "text.so").write_bytes(b"text")
    (tmp_path / "short").write_bytes(b"\x7fEL")
    (tmp_path / "link").symlink_to("program")
    os.mkfifo(tmp_path / "pipe")
    assert capture.elf_files(tmp_path) == ["program"]


def test_require_lists_all_that_is_missing() -> None:
    """Every missing path is told at once; a licence alone is no payload."""
    licence = Entry("LICENSES/x", EntryKind.FILE, 0o644, "ab", 1)
    with pytest.raises(BuildFailed, match="not installed: bin/a, bin/b"):
        capture.require(Tree.of([licence]), Payload(must_contain=("bin/a", "bin/b")), "embedded")
    with pytest.raises(BuildFailed, match="installed nothing"):
        capture.require(Tree.of([licence]), Payload(), "embedded")
    program = Entry("embedded/bin/a", EntryKind.FILE, 0o755, "ab", 1)
    capture.require(Tree.of([licence, program]), Payload(must_contain=("bin/a",)), "embedded")
