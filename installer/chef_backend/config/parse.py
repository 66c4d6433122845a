"""Reads the assignments of chef-backend.rb; nothing in the file is ever executed."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from lark import Lark, UnexpectedInput, UnexpectedToken

from chef_backend.config.assignment import Assignment, Misplaced, Reader, moved
from chef_backend.config.hints import code_message, code_word, explain, unclosed_message
from chef_backend.config.literals import Literal
from chef_backend.config.problems import Place, Problem, source_line
from chef_backend.config.statements import Statement, statements

_BLOCK_ENDS = frozenset({"end", "else", "}"})


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file's assignments in their order, and everything in it that is none."""

    assignments: tuple[Assignment, ...]
    problems: tuple[Problem, ...]


def parse(text: str, file: str) -> Parsed:
    """Return all assignments and all mistakes of a file; a mistake costs no more than its own statement."""
    text = text.removeprefix("\ufeff")
    lines = text.split("\n")
    assignments: list[Assignment] = []
    problems: list[Problem] = []
    for statement in statements(text):
        if problems and statement.text in _BLOCK_ENDS:
            continue  # of the block whose first line was reported
        try:
            assignments.append(_assignment(statement))
        except Misplaced as wrong:
            problems.append(Problem(file, wrong.place, wrong.message, wrong.hint, source_line(lines, wrong.place)))
    return Parsed(tuple(assignments), tuple(problems))


def parse_literal(text: str) -> Literal | None:
    """Return the value that a text spells, as the sample's `'["samehost", "samenet"]'` does; None if it spells none."""
    try:
        return _assignment(Statement(f"x = {text}", Place(1, 1))).value
    except Misplaced:
        return None


@functools.cache
def _grammar() -> Lark:
    return Lark.open_from_package(
        "chef_backend.config", "grammar.lark", parser="lalr", propagate_positions=True, maybe_placeholders=False
    )


def _assignment(statement: Statement) -> Assignment:
    """Return a statement's assignment; Misplaced with the first thing that is wrong in it."""
    word = code_word(statement.text)
    if word is not None:
        raise Misplaced(statement.place, *code_message(word))
    if statement.unclosed is not None:
        opening, place = statement.unclosed
        raise Misplaced(place, *unclosed_message(opening))
    try:
        tree = _grammar().parse(statement.text)
    except UnexpectedInput as error:
        offset = _offset(error, statement.text)
        raise Misplaced(_place(statement, offset), *explain(statement.text, offset)) from None
    try:
        return Reader(statement.place).assignment(tree)
    except RecursionError:
        message = "brackets are nested too deeply"
        raise Misplaced(statement.place, message, "no setting needs more than two levels") from None


def _offset(error: UnexpectedInput, text: str) -> int:
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return len(text)
    return error.pos_in_stream or 0


def _place(statement: Statement, offset: int) -> Place:
    before = statement.text[:offset]
    return moved(statement.place, before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)
