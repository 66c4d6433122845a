"""Paths, environments and lists of options."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from chef_backend.base.secret import MASK
from chef_backend.config.kinds.base import WrongValue, items_of, read_each, text_of
from chef_backend.config.literals import Hash, Literal, Pair, Scalar
from chef_backend.config.masking import is_secret_name

# Paths go into the configuration files and scripts of five programs, each with its own quoting.
_PLAIN = re.compile(r"[A-Za-z0-9._+@/-]+")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Path:
    """An absolute path without detours; a slash at its end is kept."""

    def words(self) -> str:
        """Return what it accepts, for the reference page."""
        return "absolute path"

    def read(self, literal: Literal) -> str:
        """Return the path; WrongValue for a relative one and for `..`."""
        path = text_of(literal, "an absolute path")
        if not path.startswith("/"):
            raise WrongValue(literal, "an absolute path", "a path begins with /")
        if not _PLAIN.fullmatch(path):
            raise WrongValue(literal, "an absolute path", "use letters, digits and . _ + @ - only")
        straight = posixpath.normpath(f"/{path.lstrip('/')}")
        if straight != (path.rstrip("/") or "/"):
            raise WrongValue(literal, "an absolute path without detours", f"write '{straight}'")
        return path


@dataclass(frozen=True, slots=True)
class Paths:
    """Absolute paths."""

    def words(self) -> str:
        """Return what it accepts, for the reference page."""
        return "list of absolute paths"

    def read(self, literal: Literal) -> tuple[str, ...]:
        """Return the paths in their order."""
        return read_each(items_of(literal, f"a {self.words()}"), Path().read)


@dataclass(frozen=True, slots=True)
class Options:
    """Options of a command line, one text each."""

    def words(self) -> str:
        """Return what it accepts, for the reference page."""
        return "list of options, or one text with blanks between them"

    def read(self, literal: Literal) -> tuple[str, ...]:
        """Return the options in their order; WrongValue for an unfinished quotation."""
        if isinstance(literal, Scalar) and isinstance(literal.value, str) and not literal.value.startswith("["):
            try:
                return tuple(shlex.split(text_of(literal, self.words())))
            except ValueError:
                raise WrongValue(literal, self.words(), "a quotation mark is never closed") from None
        return read_each(items_of(literal, f"a {self.words()}"), lambda item: text_of(item, "an option"))


@dataclass(frozen=True, slots=True)
class Joined:
    """A text, or a list that is written as one text with colons between."""

    what: str
    pattern: str

    def words(self) -> str:
        """Return what it accepts, for the reference page."""
        return self.what

    def read(self, literal: Literal) -> str:
        """Return one text; WrongValue when it does not match the pattern."""
        if isinstance(literal, Scalar):
            joined = text_of(literal, self.what)
        else:
            joined = ":".join(text_of(item, self.what) for item in items_of(literal, self.what))
        if not re.fullmatch(self.pattern, joined):
            raise WrongValue(literal, self.what)
        return joined


@dataclass(frozen=True, slots=True)
class Environment:
    """Variables for a service's processes."""

    def words(self) -> str:
        """Return what it accepts, for the reference page."""
        return "hash of variables to texts"

    def read(self, literal: Literal) -> Mapping[str, str]:
        """Return the variables; WrongValue for a name that no process could have."""
        if not isinstance(literal, Hash):
            raise WrongValue(literal, f"a {self.words()}", "write { 'NAME' => 'value' }")
        return MappingProxyType(dict(read_each(literal.pairs, _variable)))


def _variable(pair: Pair) -> tuple[str, str]:
    if not _VARIABLE.fullmatch(pair.key):
        raise WrongValue(Scalar(pair.key, pair.place), "the name of a variable", "letters, digits and _ only")
    if isinstance(pair.value, Scalar) and type(pair.value.value) in {int, float}:
        return pair.key, str(pair.value.value)
    return pair.key, _text(pair.value, pair.key)


def _text(literal: Literal, variable: str) -> str:
    try:
        return text_of(literal, f"a text for {variable}")
    except WrongValue:
        if is_secret_name(variable):
            raise WrongValue(Scalar(MASK, literal.place), f"one line of text for {variable}") from None
        raise
