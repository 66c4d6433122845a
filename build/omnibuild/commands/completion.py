"""``omnibuild completion``: the script that completes omnibuild's commands in a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

_WHERE = {
    "bash": "omnibuild completion bash >~/.local/share/bash-completion/completions/omnibuild",
    "zsh": "omnibuild completion zsh >~/.zfunc/_omnibuild  # a folder in $fpath",
    "fish": "omnibuild completion fish >~/.config/fish/completions/omnibuild.fish",
}


@click.command(epilog="\b\n" + "\n".join(_WHERE.values()))
@click.argument("shell", type=click.Choice(list(_WHERE)))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script of SHELL."""
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 - the choices are click's own
    script = kind(ctx.find_root().command, {}, "omnibuild", "_OMNIBUILD_COMPLETE").source()
    # click's script for fish splits a line at each comma, and so cuts explanations off at theirs.
    click.echo(script.replace('string split ","', 'string split --max 1 ","'))
