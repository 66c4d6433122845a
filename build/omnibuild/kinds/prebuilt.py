"""Published binaries that are only copied into place (a Java runtime, Elasticsearch)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from omnibuild.kinds.base import SOURCE_DIR, Command, CommonOptions, Context
from omnibuild.recipe.model import RelPath

VERSION = 1


class Options(CommonOptions):
    """``copy`` maps a file or folder of the source to its path below the prefix.

    A folder's content becomes the content of the target (``.`` is the whole source).
    """

    copy_: Annotated[dict[RelPath, RelPath], Field(min_length=1, alias="copy")]


def commands(options: Options, context: Context) -> tuple[Command, ...]:
    """Return one copy an entry, made so that it merges into folders that exist."""
    copies: list[Command] = []
    for source, target in options.copy_.items():
        destination = f"{context.destdir}{context.prefix}/{target}"
        parent = destination.rsplit("/", 1)[0]
        copies.append(Command(("mkdir", "-p", parent)))
        copies.append(Command(("cp", "-aT", f"{SOURCE_DIR}/{source}", destination)))
    return tuple(copies)
