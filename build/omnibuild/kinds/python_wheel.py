"""Python packages for the embedded interpreter, from wheels and from source.

Packages are installed by name from a folder of wheels, never by path: an installation by
path leaves a direct_url.json with the build folder in it (PEP 610). Because the sandbox sets
SOURCE_DATE_EPOCH, pip compiles byte code by hash (PEP 552): it stays valid whatever the
files' times are.
"""

from __future__ import annotations

from omnibuild.kinds.base import SOURCE_DIR, Command, CommonOptions, Context
from omnibuild.recipe.model import RelPath, Text

VERSION = 1
_WHEELS = "/build/wheels"


class Options(CommonOptions):
    """``packages`` are the exact requirements to install (``name==version``).

    ``wheels`` are folders of the source that hold ready wheels; ``build`` are folders or
    sdists of the source that are first built into wheels, without isolation: what their
    build needs is a build dependency. ``python`` is the interpreter's name.
    """

    packages: tuple[Text, ...]
    wheels: tuple[RelPath, ...] = ()
    build: tuple[RelPath, ...] = ()
    python: Text = "python3"


def commands(options: Options, context: Context) -> tuple[Command, ...]:
    """Return the building of wheels, and their installation."""
    python = f"{context.prefix}/bin/{options.python}"
    pip = (python, "-m", "pip", "--disable-pip-version-check", "--no-cache-dir")
    building = tuple(
        Command(
            (*pip, "wheel", "--no-index", "--no-deps", "--no-build-isolation", f"--wheel-dir={_WHEELS}", f"./{path}")
        )
        for path in options.build
    )
    finds = tuple(f"--find-links={SOURCE_DIR}/{folder}" for folder in options.wheels)
    root = (f"--root={context.destdir}",) if context.destdir else ()
    install = Command(
        (
            *pip,
            "install",
            "--no-index",
            "--no-deps",
            "--no-warn-script-location",
            "--root-user-action=ignore",
            "--ignore-installed",
            f"--prefix={context.prefix}",
            f"--find-links={_WHEELS}",
            *finds,
            *root,
            *context.expand_all(options.packages),
        )
    )
    return (Command(("mkdir", "-p", _WHEELS)), *building, install)
