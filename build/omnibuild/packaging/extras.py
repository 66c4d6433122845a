"""Contents that come from the repository instead of from a component."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from omnibuild.errors import InvalidInput
from omnibuild.files import sha256_of
from omnibuild.lineup.model import ExtraFile, Package
from omnibuild.packaging.contents import Content, ContentKind


def extra_contents(package: Package, repository: Path) -> tuple[Content, ...]:
    """Return the line-up's extra files, directories and links; InvalidInput if a file is missing."""
    return (*_directories(package), *_links(package), *(_file(extra, repository) for extra in package.files))


def _directories(package: Package) -> Iterator[Content]:
    for extra in package.directories:
        yield Content(extra.path, ContentKind.DIRECTORY, extra.mode, extra.owner, extra.group)


def _links(package: Package) -> Iterator[Content]:
    for path, target in package.links.items():
        yield Content(path, ContentKind.SYMLINK, target=target)


def _file(extra: ExtraFile, repository: Path) -> Content:
    source = repository / extra.source
    if not source.is_file():
        raise InvalidInput(
            f"package.files: {extra.source} is not a file of {repository}",
            hint=f"it is to be installed as {extra.path}: create it, or correct `source` in the line-up",
        )
    kind = ContentKind.CONFIG if extra.config else ContentKind.FILE
    size = source.stat().st_size
    return Content(extra.path, kind, extra.mode, extra.owner, extra.group, source.absolute(), sha256_of(source), size)
