"""configure, make, make install, and what looks like it (OpenSSL's config, zlib's)."""

from __future__ import annotations

from omnibuild.kinds.base import SOURCE_DIR, Command, CommonOptions, Context
from omnibuild.recipe.model import Argv, RelPath, Text

VERSION = 1


class Options(CommonOptions):
    """``program`` is the configure command; ``--prefix={prefix}`` is always its first argument.

    ``make`` are arguments (variables) of both make runs, ``targets`` those of the build,
    ``install`` those of the installation. ``directory`` is where it all runs, below the
    source.
    """

    program: Argv = ("./configure",)
    configure: tuple[Text, ...] = ()
    make: tuple[Text, ...] = ()
    targets: tuple[Text, ...] = ()
    install: tuple[Text, ...] = ("install",)
    directory: RelPath = "."


def commands(options: Options, context: Context) -> tuple[Command, ...]:
    """Return configure, build and install, in this order."""
    cwd = SOURCE_DIR if options.directory == "." else f"{SOURCE_DIR}/{options.directory}"
    make = ("make", *context.expand_all(options.make))
    destdir = (f"DESTDIR={context.destdir}",) if context.destdir else ()
    configure = (f"--prefix={context.prefix}", *context.expand_all(options.configure))
    return (
        Command((*options.program, *configure), cwd),
        Command((*make, *options.targets), cwd),
        Command((*make, *destdir, *options.install), cwd),
    )
