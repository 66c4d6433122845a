"""Entry point of ``chef-backend-ctl`` and of ``python -m chef_backend``."""

from __future__ import annotations

import os
import sys
import traceback

from chef_backend.base.environment import forget_libpq
from chef_backend.base.errors import ChefBackendError
from chef_backend.ctl import cli

_BUG = 70  # EX_SOFTWARE of sysexits.h


def main() -> None:
    """Run the command line and exit; an expected error ends with its message, hint and code, a bug with 70."""
    forget_libpq(os.environ)
    try:
        cli.command(prog_name="chef-backend-ctl")
    except ChefBackendError as error:
        sys.stderr.write(f"error: {error.message}\n")
        if error.hint:
            sys.stderr.write(f"hint: {error.hint}\n")
        sys.exit(error.exit_code)
    except Exception:  # noqa: BLE001 - the entry point of the program: nothing is hidden
        traceback.print_exc()
        sys.stderr.write("error: this is a bug in chef-backend-ctl: please report the lines above\n")
        sys.exit(_BUG)


if __name__ == "__main__":
    main()
