"""Go programs from a vendored source tree (location ``gomodule``): no network, no VCS stamp."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from omnibuild.kinds.base import Command, CommonOptions, Context
from omnibuild.recipe.model import RelPath, Text

VERSION = 1


class Options(CommonOptions):
    """``programs`` maps an installed path below the prefix to the package that makes it.

    ``ldflags`` and ``tags`` go to ``go build``. ``environment`` of the recipe chooses
    CGO_ENABLED; linking is external, so that the linker adds the package note.
    """

    programs: Annotated[dict[RelPath, Text], Field(min_length=1)]
    ldflags: tuple[Text, ...] = ()
    tags: tuple[Text, ...] = ()


def commands(options: Options, context: Context) -> tuple[Command, ...]:
    """Return one ``go build`` a program."""
    flags = ["-mod=vendor", "-trimpath", "-buildvcs=false", f"-p={context.jobs}"]
    if options.tags:
        flags.append(f"-tags={','.join(options.tags)}")
    if options.ldflags:
        flags.append(f"-ldflags={' '.join(context.expand_all(options.ldflags))}")
    return tuple(
        Command(("go", "build", *flags, "-o", f"{context.destdir}{context.prefix}/{path}", context.expand(package)))
        for path, package in options.programs.items()
    )
