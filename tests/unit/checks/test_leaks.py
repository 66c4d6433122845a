"""Sandbox paths in bytes: all that are ours, and none that only look alike."""

from __future__ import annotations

import marshal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from omnibuild.checks.leaks import SANDBOX_DIRECTORIES, find_leak
from omnibuild.kinds.base import RECIPE_DIR, SOURCE_DIR


@pytest.mark.parametrize(
    "text",
    [
        "/build/src/x.c",
        "cd /build/tmp",
        "-I/build/src/include",
        "-isystem/build/src/include",
        "-ffile-prefix-map=/build/src=.",
        "file:///build/home/.m2",
        '"dir": "/build/wheels"',
        r"printf(\"\n/build/recipe/x\")",
        "PATH=/usr/bin:/build/src/bin",
    ],
)
def test_our_paths_are_found(text: str) -> None:
    """Whatever a compiler, a linker or a config file puts before an absolute path."""
    leak = find_leak(text.encode(), text=True)
    assert leak
    assert text.encode()[leak.offset :].startswith(b"/build/")


@pytest.mark.parametrize(
    "text",
    [
        "third_party/build/src/x.c",
        "../build/src",
        "${top}/build/src",
        "$(top)/build/tmp",
        "/build/source",
        "/build/tmpl",
    ],
)
def test_the_middle_of_other_paths_is_not(text: str) -> None:
    """Upstream's own folders called build/src are none of our business."""
    assert find_leak(text.encode(), text=True) is None


@example("x" * 50)
@example("x" * 80)
@given(st.text(st.characters(codec="ascii", categories=["L", "N"]), max_size=120))
def test_python_byte_code_is_seen_through(name: str) -> None:
    """Marshal writes a length before the text, which may look like a letter or a digit."""
    data = b"\0\0\0\0" + marshal.dumps((f"/build/src/{name}", compile("1", f"/build/src/{name}.py", "eval")))
    leak = find_leak(data, text=False)
    assert leak
    assert leak.count == 2


def test_the_context_is_printable_and_short() -> None:
    """What is shown can be pasted into a terminal."""
    leak = find_leak(b"\x1b[31m\0\xff" * 9 + b"/build/src/x" + b"\0" * 500, text=False)
    assert leak
    assert leak.context.isprintable()
    assert len(leak.context) < 120


def test_the_folders_are_the_sandbox_s() -> None:
    """The list follows the kinds'."""
    assert {SOURCE_DIR, RECIPE_DIR} <= set(SANDBOX_DIRECTORIES)
