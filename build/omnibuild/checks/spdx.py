"""SPDX licence expressions: whether they are valid, and what in them is not allowed.

Grammar: SPDX specification, annex B ("SPDX license expressions").
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from license_expression import (  # type: ignore[import-untyped]  # it carries no types
    ExpressionError,
    ExpressionParseError,
    LicenseSymbol,
    LicenseWithExceptionSymbol,
    Licensing,
    get_spdx_licensing,
)

_CUSTOM = re.compile(r"^(?:DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+$")
_WORD = re.compile(r"[^\s()]+")


def spdx_faults(expression: str) -> tuple[str, ...]:
    """Return what is wrong with an expression; empty when it is valid."""
    try:
        tree = _licensing().parse(expression, strict=False)
        if tree is None:
            return ("it is empty",)
        _licensing().parse(expression, strict=True)
    except (ExpressionError, ExpressionParseError) as error:
        return (str(error),)
    keys = _keys(tree)
    unknown = [f"{key!r} is not an SPDX id" for key in keys if not _is_known(key)]
    written = set(_WORD.findall(expression)) - {"AND", "OR", "WITH"}
    others = [f"{word!r} is not written as its SPDX id" for word in sorted(written - set(keys))]
    return tuple(unknown or others)


def forbidden_ids(expression: str, allowed: frozenset[str]) -> tuple[str, ...]:
    """Return the ids of a valid expression that keep it from being allowed; empty if it is.

    An AND needs both sides, an OR one. ``X WITH exception`` is allowed when X is, because an
    exception only permits more, or when it is listed as a whole.
    """
    return _forbidden(_licensing().parse(expression), allowed)


def _forbidden(
    node: Any,  # noqa: ANN401 - boolean.py has no types
    allowed: frozenset[str],
) -> tuple[str, ...]:
    if isinstance(node, LicenseWithExceptionSymbol):
        whole = f"{node.license_symbol.key} WITH {node.exception_symbol.key}"
        return () if allowed & {whole, node.license_symbol.key} else (whole,)
    if isinstance(node, LicenseSymbol):
        return () if node.key in allowed else (node.key,)
    sides = [_forbidden(side, allowed) for side in node.args]
    if isinstance(node, _licensing().OR) and not all(sides):
        return ()
    return tuple(dict.fromkeys(key for side in sides for key in side))


def _keys(
    tree: Any,  # noqa: ANN401 - boolean.py has no types
) -> list[str]:
    return [symbol.key for symbol in _licensing().license_symbols(tree, unique=True, decompose=True)]


def _is_known(key: str) -> bool:
    return key in _licensing().known_symbols or _CUSTOM.match(key) is not None


@cache
def _licensing() -> Licensing:
    return get_spdx_licensing()
