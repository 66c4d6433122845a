"""Turns the grammar's tree of one statement into an assignment with places of the whole file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from lark import Token, Tree

from chef_backend.config.literals import (
    Array,
    Hash,
    Literal,
    NotALiteral,
    Pair,
    Scalar,
    double_quoted,
    integer,
    single_quoted,
    words,
)
from chef_backend.config.problems import Place

Node = Token | Tree[Token]
_Result = TypeVar("_Result")
_CONSTANTS = {"TRUE": True, "FALSE": False, "NIL": None}


@dataclass(frozen=True, slots=True)
class Assignment:
    """`name` (its parts joined by dots) gets `value`."""

    name: str
    value: Literal
    place: Place


class Misplaced(Exception):
    """A literal that cannot be read, with its place."""

    def __init__(self, place: Place, message: str, hint: str) -> None:
        super().__init__(message)
        self.place = place
        self.message = message
        self.hint = hint


def moved(base: Place, line: int, column: int) -> Place:
    """Return a place inside a statement as a place of the file that the statement begins at `base` of."""
    return Place(base.line + line - 1, column + base.column - 1 if line == 1 else column)


class Reader:
    """Reads trees of a statement that begins at `base`."""

    def __init__(self, base: Place) -> None:
        self._base = base

    def assignment(self, tree: Tree[Token]) -> Assignment:
        """Return what `start` of the grammar stands for; Misplaced when a literal is none."""
        target, value = (child for child in tree.children if not isinstance(child, Token) or child.type != "_ASSIGN")
        if not isinstance(target, Tree):
            raise TypeError(target)
        return Assignment(".".join(self._text(each) for each in target.children), self._literal(value), self._base)

    def _literal(self, node: Node) -> Literal:
        place = self._place(node)
        if isinstance(node, Token):
            return self._scalar(node, place)
        if node.data == "array":
            return Array(tuple(self._literal(item) for item in node.children), place)
        return Hash(tuple(self._pair(pair) for pair in node.children if isinstance(pair, Tree)), place)

    def _scalar(self, token: Token, place: Place) -> Literal:
        if token.type in _CONSTANTS:
            return Scalar(_CONSTANTS[token.type], place)
        if token.type == "FLOAT":
            return Scalar(float(token.replace("_", "")), place)
        if token.type == "WORDS":
            return Array(tuple(Scalar(word, place) for word in words(token)), place)
        if token.type == "INTEGER":
            return Scalar(self._read(token, integer), place)
        return Scalar(self._text(token), place)

    def _pair(self, tree: Tree[Token]) -> Pair:
        key, value = tree.children
        return Pair(self._text(key), self._literal(value), self._place(key))

    def _text(self, node: Node) -> str:
        if not isinstance(node, Token):
            raise TypeError(node)
        match node.type:
            case "SINGLE_QUOTED":
                return single_quoted(node)
            case "DOUBLE_QUOTED":
                return self._read(node, double_quoted)
            case "QUOTED_LABEL":
                label = Token.new_borrow_pos(node.type, node[:-1], node)
                return self._read(label, single_quoted if node.startswith("'") else double_quoted)
            case "SYMBOL":
                return node[1:]
            case "LABEL":
                return node[:-1]
            case _:
                return str(node)

    def _read(self, token: Token, read: Callable[[str], _Result]) -> _Result:
        try:
            return read(token)
        except NotALiteral as error:
            place = self._place(token)
            raise Misplaced(Place(place.line, place.column + error.offset), error.message, error.hint) from None

    def _place(self, node: Node) -> Place:
        line, column = (node.line, node.column) if isinstance(node, Token) else (node.meta.line, node.meta.column)
        return moved(self._base, line or 1, column or 1)
