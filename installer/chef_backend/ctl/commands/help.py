"""``help``."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from chef_backend.ctl.group import TableGroup, UnknownCommand
from chef_backend.ctl.table import words
from chef_backend.ctl.word import Word


def _words(_context: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(word) for word in words() if word.startswith(incomplete)]


@click.command(cls=Word, name="help")
@click.argument("word", required=False, default="", metavar="[COMMAND]", shell_complete=_words)
@click.pass_context
def command(context: click.Context, word: str) -> None:
    """Show the list of commands, or the help of one COMMAND."""
    root = context.find_root()
    if not word:
        click.echo(root.get_help())
        return
    group = root.command
    found = group.get_command(root, word) if isinstance(group, TableGroup) else None
    if found is None:
        raise UnknownCommand([word], context)
    with click.Context(found, info_name=word, parent=root) as inner:
        click.echo(found.get_help(inner))
