"""The reference page of the commands, made from the table."""

from __future__ import annotations

import click

from chef_backend.base import errors
from chef_backend.base.errors import ChefBackendError
from chef_backend.config.problems import ConfigInvalid
from chef_backend.ctl import cli
from chef_backend.ctl.mistake import Mistake
from chef_backend.ctl.table import TABLE, Group, Row

_PROGRAM = "chef-backend-ctl"
_WIDTH = 100
_BUG = 70


def sections() -> str:
    """Return the list of all commands by group, then the help of each."""
    root = click.Context(
        cli.command,
        info_name=_PROGRAM,
        terminal_width=_WIDTH,
        max_content_width=_WIDTH,
        help_option_names=["-h", "--help"],
    )
    listed = "\n".join(_listed(group) for group in Group if _rows(group))
    commands = "\n".join(_section(row, root) for row in sorted(TABLE, key=lambda row: row.word))
    return f"{listed}\n{_codes()}\n{commands}"


def _codes() -> str:
    """Return the table of exit codes; errors without one of their own end with 1."""
    every = (*vars(errors).values(), ConfigInvalid)
    kinds = [kind for kind in every if isinstance(kind, type) and issubclass(kind, ChefBackendError)]
    own = sorted((kind for kind in kinds if kind.exit_code != 1), key=lambda kind: kind.exit_code)
    rows = [(kind.exit_code, kind.__name__, " ".join((kind.__doc__ or "").split())) for kind in own]
    wrong = " ".join((Mistake.__doc__ or "").split())
    first = [(0, "", "Success."), (1, "", "Every other failure: the message says what to do.")]
    rows = [*first, (Mistake.exit_code, "", wrong), *rows]
    rows.append((_BUG, "", "A bug: the traceback belongs into a report."))
    written = "".join(f"| {code} | {name} | {text} |\n" for code, name, text in rows)
    return f"## Exit codes\n\n| code | error | meaning, and what to do |\n|---|---|---|\n{written}"


def _rows(group: Group) -> list[Row]:
    return [row for row in TABLE if row.group is group]


def _listed(group: Group) -> str:
    rows = "".join(
        f"| [`{row.word}`](#{row.word}) | {row.help} | {'yes' if row.root else ''} |\n" for row in _rows(group)
    )
    return f"## {group.value}\n\n| command | what it does | root |\n|---|---|---|\n{rows}"


def _section(row: Row, root: click.Context) -> str:
    command = cli.command.get_command(root, row.word)
    if command is None:
        raise TypeError(row.word)
    with click.Context(command, info_name=row.word, parent=root) as context:
        text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    aliases = f"Also: {', '.join(f'`{alias}`' for alias in row.aliases)}.\n\n" if row.aliases else ""
    return f"### {row.word}\n\n{aliases}```text\n{text}\n```\n"
