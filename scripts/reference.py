"""Writes the pages of docs/reference that are made from the code, or checks that they are fresh.

usage: python scripts/reference.py [--check]

What a key means is written in reference_fields.yml beside this file: a model's key without a
meaning is an error, and so is a meaning without a key.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import yaml
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

import omnibuild
from omnibuild import cli, errors
from omnibuild.checks.registry import CHECKS, RULES
from omnibuild.kinds.registry import KINDS
from omnibuild.lineup import model as lineup
from omnibuild.recipe import model as recipe

REPOSITORY = Path(__file__).resolve().parent.parent
PAGES = REPOSITORY / "docs" / "reference"
NOTICE = "<!-- Made by `make docs` from the code: change it there. -->\n\n"
RECIPE_MODELS = (
    recipe.Recipe,
    recipe.Source,
    recipe.Location,
    recipe.DebianPackage,
    recipe.PypiFile,
    recipe.GitCommit,
    recipe.GoModules,
    recipe.Depends,
    recipe.Payload,
    recipe.ComponentTest,
    recipe.Checks,
)
LINEUP_MODELS = (
    lineup.Lineup,
    lineup.Policy,
    lineup.Package,
    lineup.ExtraFile,
    lineup.ExtraDirectory,
    lineup.Scripts,
)
PLAIN = {
    "Text": "text",
    "Name": "name",
    "Sha256": "sha256",
    "Commit": "commit",
    "RelPath": "path",
    "AbsPath": "absolute path",
    "Mode": "octal mode",
    "Tier": '`"error"`, `"warning"` or `"off"`, quoted',
    "Argv": "list of texts",
    "OptOut": "check",
    "Rule": "check or gate",
    "bool": "true or false",
    "int": "number",
    "str": "text",
    "Any": "value",
}


class Meanings:
    """The prose of each key; ``left`` are those that no model asked for."""

    def __init__(self, texts: Mapping[str, Mapping[str, str]]) -> None:
        self._texts = texts
        self.left = {f"{model}.{key}" for model, keys in texts.items() for key in keys}

    def of(self, model: str, key: str) -> str:
        """Return a key's meaning; SystemExit if there is none."""
        if key not in self._texts.get(model, {}):
            sys.exit(f"scripts/reference_fields.yml: {model}.{key}: is missing")
        self.left.discard(f"{model}.{key}")
        return " ".join(self._texts[model][key].split())


def pages() -> dict[str, str]:
    """Return every generated page by its file name."""
    meanings = Meanings(yaml.safe_load(Path(__file__).with_name("reference_fields.yml").read_text(encoding="utf-8")))
    made = {
        "recipe.md": _recipe_page(meanings),
        "lineup.md": _page("lineup", "".join(_section(model, meanings) for model in LINEUP_MODELS)),
        "checks.md": _page("checks", _checks()),
        "exit-codes.md": _page("exit-codes", _exit_codes()),
        "cli.md": _page("cli", _commands()),
        "settings.md": _page("settings", _of_the_node("chef_backend.config.reference", "tables")),
        "chef-backend-ctl.md": _page("chef-backend-ctl", _of_the_node("chef_backend.ctl.reference", "sections")),
        "findings.md": _page("findings", _of_the_node("chef_backend.health.codes", "page")),
    }
    if meanings.left:
        sys.exit(f"scripts/reference_fields.yml: no model has {', '.join(sorted(meanings.left))}")
    return made


def _page(name: str, generated: str) -> str:
    intro = (Path(__file__).parent / "reference_intros" / f"{name}.md").read_text(encoding="utf-8")
    title, _, rest = intro.partition("\n\n")
    return f"{title}\n\n{NOTICE}{rest.rstrip()}\n\n{generated.rstrip()}\n"


def _recipe_page(meanings: Meanings) -> str:
    sections = [_section(model, meanings) for model in RECIPE_MODELS]
    for name, kind in sorted(KINDS.items()):
        module = sys.modules[kind.options.__module__]
        about = (module.__doc__ or "").strip()
        rows = [_row(kind.options, key, f"kind {name}", meanings) for key in _own_keys(kind.options)]
        sections.append(f"### kind: {name}\n\n{about}\n\n{_table(rows)}\n")
    common = [_row(kind.options, key, "kind", meanings) for key in ("kind", "before", "after")]
    sections.insert(len(RECIPE_MODELS), f"## build\n\nEvery kind takes these keys:\n\n{_table(common)}\n")
    return _page("recipe", "".join(sections))


def _own_keys(options: type[BaseModel]) -> list[str]:
    return [key for key in options.model_fields if key in options.__annotations__]


def _section(model: type[BaseModel], meanings: Meanings) -> str:
    rows = [_row(model, key, model.__name__, meanings) for key in model.model_fields]
    return f"## {model.__name__}\n\n{_table(rows)}\n"


def _row(model: type[BaseModel], key: str, where: str, meanings: Meanings) -> list[str]:
    field = model.model_fields[key]
    annotation = next(each.__annotations__[key] for each in model.__mro__ if key in each.__annotations__)
    name = field.alias or key
    required = field.default is PydanticUndefined and field.default_factory is None
    default = "required" if required else _default(field.default)
    return [f"`{name}`", _type(ast.parse(annotation, mode="eval").body), default, meanings.of(where, name)]


def _default(value: object) -> str:
    if isinstance(value, BaseModel) or value in (None, "", (), {}):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"`[{', '.join(map(str, value))}]`"
    return f"`{value:#o}`" if isinstance(value, int) and value >= 0o100 else f"`{value}`"  # noqa: PLR2004 - a mode


def _type(node: ast.expr) -> str:
    """Return a type annotation in words."""
    match node:
        case ast.BinOp(left=left, right=ast.Constant(value=None)):
            return _type(left)
        case ast.Subscript(value=ast.Name(id="Annotated"), slice=ast.Tuple(elts=[inner, *_])):
            return _type(inner)
        case ast.Subscript(value=ast.Name(id="Literal"), slice=ast.Tuple(elts=values)):
            return " or ".join(f"`{ast.literal_eval(value)}`" for value in values)
        case ast.Subscript(value=ast.Name(id="Literal"), slice=value):
            return f"`{ast.literal_eval(value)}`"
        case ast.Subscript(value=ast.Name(id="tuple"), slice=ast.Tuple(elts=[inner, *_])):
            return f"list of {_type(inner)}"
        case ast.Subscript(value=ast.Name(id="dict"), slice=ast.Tuple(elts=[key, value])):
            return f"map of {_type(key)} to {_type(value)}"
        case ast.Name(id=name) if name in PLAIN:
            return PLAIN[name]
        case ast.Name(id=name):
            return f"[{name}](#{name.lower()})"
    sys.exit(f"scripts/reference.py: cannot say {ast.unparse(node)} in words")


def _table(rows: list[list[str]]) -> str:
    head = "| key | value | default | meaning |\n|---|---|---|---|\n"
    return head + "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |\n" for row in rows)


def _checks() -> str:
    parts = []
    for title, names in (("On the prefix", CHECKS.keys()), ("On the rest", RULES.keys() - CHECKS.keys())):
        parts.append(f"## {title}\n\n")
        for name in sorted(names):
            rule = RULES[name]
            parts.append(f"### {name}\n\nTier: {rule.SEVERITY}. {rule.EXPLAIN}\n\nWhat to do: {rule.HINT}.\n\n")
    return "".join(parts)


def _exit_codes() -> str:
    for module in pkgutil.walk_packages(omnibuild.__path__, "omnibuild."):
        if not module.name.endswith(("__main__", ".init")):
            importlib.import_module(module.name)
    rows: dict[int, list[str]] = {
        0: ["", "Success."],
        70: ["", "A bug in omnibuild: the traceback above it belongs into a report."],
    }
    for kind in sorted(_subclasses(errors.OmnibuildError), key=lambda each: each.__name__):
        if "exit_code" in vars(kind):
            rows[kind.exit_code] = [kind.__name__, (kind.__doc__ or "").split("\n\n")[0].replace("\n", " ")]
    lines = [f"| {code} | {name} | {text} |" for code, (name, text) in sorted(rows.items())]
    return "| code | error | meaning, and what to do |\n|---|---|---|\n" + "\n".join(lines)


def _subclasses(kind: type[errors.OmnibuildError]) -> Iterator[type[errors.OmnibuildError]]:
    for each in kind.__subclasses__():
        yield each
        yield from _subclasses(each)


def _of_the_node(module: str, function: str) -> str:
    sys.path.append(str(REPOSITORY / "installer"))  # the node's software is no part of this environment
    return str(getattr(importlib.import_module(module), function)())


def _commands() -> str:
    sections: list[str] = []
    for name in cli.COMMANDS:
        if importlib.util.find_spec(f"omnibuild.commands.{name}") is not None:
            command = importlib.import_module(f"omnibuild.commands.{name}").command
            sections += _help(command, f"omnibuild {name}")
    return "\n".join(sections)


def _help(command: click.Command, path: str) -> Iterator[str]:
    context: Any = click.Context(command, info_name=path, max_content_width=100, terminal_width=100)
    with context.scope(cleanup=False):
        text = command.get_help(context)
    yield f"## {path}\n\n```text\n{_without_host(text)}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None:
                yield from _help(inner, f"{path} {name}")


def _without_host(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.replace(str(Path.home()), "~").splitlines())


def main(arguments: list[str]) -> int:
    """Write the pages, or with --check say which are stale."""
    made = pages()
    stale = [name for name, text in made.items() if not _is_fresh(PAGES / name, text)]
    if arguments == ["--check"]:
        for name in stale:
            print(f"docs/reference/{name}: stale, run `make docs`", file=sys.stderr)
        return 1 if stale else 0
    PAGES.mkdir(parents=True, exist_ok=True)
    for name, text in made.items():
        (PAGES / name).write_text(text, encoding="utf-8")
    return 0


def _is_fresh(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
