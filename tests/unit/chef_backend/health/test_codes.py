"""The table of codes: stable, without gaps in what it says, and each in use."""

from __future__ import annotations

import ast
from pathlib import Path

from chef_backend import health
from chef_backend.health import codes

PACKAGE = Path(health.__file__).parent


def test_each_code_is_there_once_with_all_that_is_said_of_it() -> None:
    """Its number is nobody else's; title and limit fit the table's columns."""
    assert len({code.code for code in codes.CODES}) == len(codes.CODES)
    for code in codes.CODES:
        assert len(code.title) <= 22, code
        assert code.meaning.endswith("."), code
        assert code.remedy.endswith("."), code
        assert code.limit, code


def test_each_code_is_used() -> None:
    """A constant of the table that no other module reads is a promise that nobody keeps."""
    constants = {name for name, value in vars(codes).items() if value in codes.CODES and name.isupper()}
    assert len(constants) == len(codes.CODES)
    assert _names_used() >= constants


def test_the_page_has_a_section_for_each() -> None:
    page = codes.page()
    for code in codes.CODES:
        assert f"## {code.code}\n" in page
        assert code.remedy in page


def _names_used() -> set[str]:
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        if path.name != "codes.py":
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
            found |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return found
