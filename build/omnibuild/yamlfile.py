"""Strict YAML files read into models: every problem at once, each with file, line and path."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from omnibuild.errors import InvalidInput

Model = TypeVar("Model", bound=BaseModel)
Key = tuple[str | int, ...]
Finding = tuple[str, str]
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_model(
    path: Path, model: type[Model], *, also: Callable[[Model], Iterable[Finding]] = lambda _model: ()
) -> Model:
    """Return the model that ``path`` holds.

    ``also`` may find further problems, as (dotted path, message). Raises InvalidInput with
    every problem on a line of its own: ``file:line: dotted.path: message``.
    """
    data, lines = _read(path)
    try:
        value = model.model_validate(data)
    except ValidationError as error:
        findings = [finding(item, _field_names(model)) for item in error.errors()]
    else:
        findings = list(also(value))
        if not findings:
            return value
    texts = [f"{path}:{_line(where, lines)}: {where}: {message}" for where, message in findings]
    raise InvalidInput("\n".join(texts), hint=f"the format is described in docs/reference/{model.__name__.lower()}.md")


def place(path: Path, where: str) -> str:
    """Return ``file:line: dotted.path`` of something in a file that was read before, for a problem found later.

    A file that cannot be read any more, such as one that is just being edited, has no line.
    """
    try:
        return f"{path}:{_line(where, _read(path)[1])}: {where}"
    except InvalidInput:
        return f"{path}: {where}"


def _read(path: Path) -> tuple[object, dict[Key, int]]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        hint = "check its owner and mode" if isinstance(error, PermissionError) else "give the file's path"
        raise InvalidInput(f"{path}: cannot be read: {error.strerror}", hint=hint) from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path}: cannot be read: {error}", hint="the file must be UTF-8") from error
    lines: dict[Key, int] = {}
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                raise InvalidInput(f"{path}:1: the file is empty")
            _refuse_aliases(text, path)
            _note_lines(node, (), lines, path)
            return loader.construct_document(node), lines
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InvalidInput(f"{path}:{line}: not valid YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise InvalidInput(f"{path}: not valid YAML: {error}") from error


def _refuse_aliases(text: str, path: Path) -> None:
    """Raise InvalidInput for a reference: plain data has none, and nested ones grow without bounds."""
    for event in yaml.parse(text, _Loader):
        if isinstance(event, yaml.AliasEvent):
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise InvalidInput(f"{path}:{line}: *{event.anchor}: a reference", hint="write the value out")


def _note_lines(node: yaml.Node, at: Key, lines: dict[Key, int], path: Path) -> None:
    lines[at] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key_node, value_node in node.value:
            key = (*at, str(key_node.value))
            line = key_node.start_mark.line + 1
            if key in lines:
                raise InvalidInput(f"{path}:{line}: {_dotted(key)}: stands twice (first on line {lines[key]})")
            _note_lines(value_node, key, lines, path)
            lines[key] = line
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _note_lines(item, (*at, index), lines, path)


def _dotted(key: Iterable[str | int]) -> str:
    return ".".join(str(part) for part in key) or "(document)"


def _line(where: str, lines: dict[Key, int]) -> int:
    by_name = {_dotted(key): line for key, line in lines.items()}
    while where not in by_name and "." in where:
        where = where.rpartition(".")[0]
    return by_name.get(where, 1)


def finding(item: ErrorDetails, known: Iterable[str], *, below: Key = ()) -> Finding:
    """Return one of pydantic's errors in our words; ``known`` are the keys that may be meant."""
    where = _dotted((*below, *(part for part in item["loc"] if part not in _ARTEFACTS)))
    if item["type"] == "extra_forbidden":
        close = difflib.get_close_matches(str(item["loc"][-1]), sorted(known), n=1)
        return where, "unknown key" + (f"; did you mean {close[0]}?" if close else "")
    if item["type"] == "missing":
        return where, "is missing"
    if item["type"] in _SHAPES:
        return where, _SHAPES[item["type"]]
    message = item["msg"].removeprefix("Value error, ").replace("Input should", "must")
    return where, message[0].lower() + message[1:] if message[:2].istitle() else message


_SHAPES = {
    "tuple_type": "must be a list, like [one, two]",
    "dict_type": "must be a mapping, like {key: value}",
    "model_type": "must be a mapping, with a line `key: value` each",
    "string_type": "must be text",
}
_ARTEFACTS = {"[key]", "function-before", "function-after", "function-wrap"}


def _field_names(model: type[BaseModel]) -> set[str]:
    """Return the names of all fields of the model's module, for did-you-mean."""
    module = __import__(model.__module__, fromlist=["_"])
    models = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, BaseModel)]
    return {field.alias or name for each in models for name, field in each.model_fields.items()}
