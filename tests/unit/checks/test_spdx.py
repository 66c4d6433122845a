"""SPDX expressions: what is valid, and what is allowed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnibuild.checks.spdx import forbidden_ids, spdx_faults

IDS = ("MIT", "Apache-2.0", "PostgreSQL", "Zlib")
Tree = str | tuple[str, "Tree", "Tree"]


@pytest.mark.parametrize(
    "expression",
    ["MIT", "Apache-2.0 AND (MIT OR Zlib)", "GPL-2.0-only WITH Classpath-exception-2.0", "LicenseRef-ours", "0BSD"],
)
def test_valid(expression: str) -> None:
    """Ids, operators, exceptions and references to custom licences."""
    assert spdx_faults(expression) == ()


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "MITT",
        "MIT AND",
        "(MIT",
        "MIT Zlib",
        "mit",
        "GPL-2.0",
        "MIT WITH Zlib",
        "MIT WITH No-exception",
        "MIT / Zlib",
    ],
)
def test_invalid(expression: str) -> None:
    """Typing errors, lower case, deprecated ids, and exceptions that are none."""
    assert spdx_faults(expression)


@pytest.mark.parametrize(
    ("expression", "allowed", "forbidden"),
    [
        ("MIT OR Zlib", {"Zlib"}, ()),
        ("MIT AND Zlib", {"Zlib"}, ("MIT",)),
        ("MIT OR Zlib", set(), ("MIT", "Zlib")),
        ("(MIT OR Zlib) AND 0BSD", {"MIT", "0BSD"}, ()),
        ("GPL-2.0-only WITH Classpath-exception-2.0", {"GPL-2.0-only"}, ()),
        (
            "GPL-2.0-only WITH Classpath-exception-2.0",
            {"GPL-2.0-only WITH Classpath-exception-2.0"},
            (),
        ),
        (
            "GPL-2.0-only WITH Classpath-exception-2.0",
            {"MIT"},
            ("GPL-2.0-only WITH Classpath-exception-2.0",),
        ),
    ],
)
def test_allowed(expression: str, allowed: set[str], forbidden: tuple[str, ...]) -> None:
    """AND needs both, OR one, and an exception nothing of its own."""
    assert forbidden_ids(expression, frozenset(allowed)) == forbidden


def _trees() -> st.SearchStrategy[Tree]:
    return st.recursive(st.sampled_from(IDS), lambda inner: st.tuples(st.sampled_from(("AND", "OR")), inner, inner))


def _text(tree: Tree) -> str:
    return tree if isinstance(tree, str) else f"({_text(tree[1])} {tree[0]} {_text(tree[2])})"


def _holds(tree: Tree, allowed: frozenset[str]) -> bool:
    if isinstance(tree, str):
        return tree in allowed
    sides = [_holds(tree[1], allowed), _holds(tree[2], allowed)]
    return all(sides) if tree[0] == "AND" else any(sides)


@given(_trees(), st.frozensets(st.sampled_from(IDS)))
def test_an_expression_is_allowed_exactly_when_its_logic_holds(tree: Tree, allowed: frozenset[str]) -> None:
    """Compared with the expression evaluated as plain logic; what is forbidden was never allowed."""
    forbidden = forbidden_ids(_text(tree), allowed)
    assert (not forbidden) == _holds(tree, allowed)
    assert not set(forbidden) & allowed
