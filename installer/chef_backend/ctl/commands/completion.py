"""``completion``."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from chef_backend.base.errors import ChefBackendError
from chef_backend.ctl.word import Word

_VARIABLE = "_CHEF_BACKEND_CTL_COMPLETE"
_PROGRAM = "chef-backend-ctl"


@click.command(cls=Word, name="completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print the completion script for SHELL.

    For bash: chef-backend-ctl completion bash > /etc/bash_completion.d/chef-backend-ctl
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise ChefBackendError(f"no completion is known for {shell}")
    completion = kind(context.find_root().command, {}, _PROGRAM, _VARIABLE)
    script = completion.source_template % completion.source_vars()
    # click's script for fish splits a line at each comma, and so cuts explanations off at theirs.
    click.echo(script.replace('string split ","', 'string split --max 1 ","'))
