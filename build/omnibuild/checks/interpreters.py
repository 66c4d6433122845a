"""Scripts whose interpreter is not the package's."""

from __future__ import annotations

from collections.abc import Iterator

from omnibuild.checks.base import Problem, Severity, Subject
from omnibuild.checks.filetree import Where

NAME = "interpreters"
SEVERITY = Severity.ERROR
HINT = "rewrite the first line to an interpreter of the prefix in build.after, or remove the script"
EXPLAIN = (
    "An executable script must start with an interpreter of the package, or with one of "
    "policy.interpreters. Any other may be missing on a node or be another version, and "
    "`#!/usr/bin/env python3` takes whatever the caller's PATH has first. The interpreter is the first "
    "word of the line, as the kernel reads it, and the line must fit the 127 bytes that Linux before 5.1 "
    "reads. Files without the executable bit are not looked at."
)

_LONGEST_LINE = 127
_EXECUTABLE = 0o111


def find(subject: Subject) -> Iterator[Problem]:
    """Yield each executable script with a foreign, missing or unusable interpreter."""
    for component, entry in subject.files():
        line = subject.content(entry).shebang
        if line is not None and entry.mode & _EXECUTABLE:
            fault = _fault(subject, line)
            if fault:
                yield Problem(NAME, component, entry.path, fault)


def interpreter_of(line: str) -> str:
    """Return the interpreter named by a first line (without its ``#!``), "" if none is."""
    words = line.strip(" \t").replace("\t", " ").split(" ")
    return words[0]


def _fault(subject: Subject, line: str) -> str:
    interpreter = interpreter_of(line)
    if len(line) + len("#!") > _LONGEST_LINE:
        return f"its first line is longer than {_LONGEST_LINE} bytes, which older kernels cut off: #!{line[:60]}…"
    if interpreter in subject.policy.interpreters:
        return ""
    if subject.tree.relative(interpreter) is None or not interpreter.startswith("/"):
        return f"foreign interpreter {interpreter!a} (#!{ascii(line)[1:-1]})"
    end = subject.tree.follow(interpreter)
    entry = subject.tree.entries.get(end.path)
    if end.where is not Where.INSIDE or entry is None:
        return f"its interpreter {interpreter} is not in the package"
    return "" if entry.mode & _EXECUTABLE else f"its interpreter {interpreter} is not executable"
