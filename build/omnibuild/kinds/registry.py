"""The kinds by name: the folder's listing, spelled out so that types stay checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from omnibuild.kinds import autotools, cmake, golang, prebuilt, python_wheel, script
from omnibuild.kinds.base import Command, CommonOptions, Context
from omnibuild.spelling import did_you_mean
from omnibuild.yamlfile import Finding, finding


@dataclass(frozen=True, slots=True)
class _Kind:
    version: int
    options: type[CommonOptions]
    commands: Callable[[Any, Context], tuple[Command, ...]]


KINDS = {
    module.__name__.rpartition(".")[2]: _Kind(module.VERSION, module.Options, module.commands)
    for module in (autotools, cmake, golang, prebuilt, python_wheel, script)
}


def commands_for(build: dict[str, Any], context: Context) -> tuple[Command, ...]:
    """Return every command of a recipe's ``build`` section, ``before`` and ``after`` included.

    The section was validated when the recipe was read (see recipe/load.py).
    """
    kind = KINDS[build["kind"]]
    options = kind.options.model_validate(build)
    before = tuple(Command(context.expand_all(argv)) for argv in options.before)
    after = tuple(Command(context.expand_all(argv)) for argv in options.after)
    return before + kind.commands(options, context) + after


def files_of(build: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the files of the recipe's folder without which a sound ``build`` section is of no use."""
    return KINDS[build["kind"]].options.model_validate(build).files()


def validate(build: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield the problems of a ``build`` section as (dotted path, message)."""
    name = str(build.get("kind"))
    if name not in KINDS:
        yield "build.kind", f"unknown kind {name!r}; {did_you_mean(name, KINDS)}"
        return
    options = KINDS[name].options
    try:
        options.model_validate(build)
    except ValidationError as error:
        known = {field.alias or key for key, field in options.model_fields.items()}
        yield from (finding(item, known, below=("build",)) for item in error.errors())
