"""Which module reads which location type."""

from __future__ import annotations

from omnibuild.recipe.model import Location
from omnibuild.sources.base import Reader
from omnibuild.sources.debian import Debian
from omnibuild.sources.git import Git
from omnibuild.sources.gomodule import GoModule
from omnibuild.sources.maven import Maven
from omnibuild.sources.path import LocalPath
from omnibuild.sources.pypi import Pypi
from omnibuild.sources.url import Url


def reader_of(location: Location) -> Reader:
    """Return the reader of a location whose variables are replaced."""
    if location.url is not None:
        return Url(location.url)
    if location.git is not None:
        return Git(location.git)
    if location.path is not None:
        return LocalPath(location.path)
    if location.debian is not None:
        return Debian(location.debian)
    if location.pypi is not None:
        return Pypi(location.pypi)
    if location.maven is not None:
        return Maven(location.maven)
    if location.gomodule is not None:
        return GoModule(location.gomodule)
    raise AssertionError("the model lets no other location through")
