"""Entry point of ``chef-backend-ctl`` and of ``python -m chef_backend``."""

from __future__ import annotations

import sys

from chef_backend.base.errors import ChefBackendError
from chef_backend.ctl import cli


def main() -> None:
    """Run the command line and exit; an expected error ends with its message, hint and code."""
    try:
        cli.command(prog_name="chef-backend-ctl")
    except ChefBackendError as error:
        sys.stderr.write(f"error: {error.message}\n")
        if error.hint:
            sys.stderr.write(f"hint: {error.hint}\n")
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
