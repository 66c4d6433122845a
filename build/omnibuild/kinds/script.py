"""A recipe's own build.sh, for what fits no other kind.

Values reach the script as environment (NAME, VERSION, PREFIX, ROOT, JOBS, DESTDIR), never by
replacing text in it.
"""

from __future__ import annotations

from omnibuild.kinds.base import RECIPE_DIR, Command, CommonOptions, Context
from omnibuild.recipe.model import RelPath

VERSION = 1


class Options(CommonOptions):
    """``script`` is a file of the recipe's folder, run by sh with -e and -u."""

    script: RelPath = "build.sh"

    def files(self) -> tuple[str, ...]:
        """Return the script."""
        return (self.script,)


def commands(options: Options, _context: Context) -> tuple[Command, ...]:
    """Return the one command."""
    return (Command(("/bin/sh", "-eu", f"{RECIPE_DIR}/{options.script}")),)
