"""Which module reads which location type; a module is imported when its type is first met."""

from __future__ import annotations

from omnibuild.recipe.model import Location
from omnibuild.sources.base import Reader


def reader_of(location: Location) -> Reader:
    """Return the reader of a location whose variables are replaced."""
    # ruff: noqa: PLC0415 - the registries' clients take a second to import, and most runs fetch nothing
    if location.url is not None:
        from omnibuild.sources.url import Url

        return Url(location.url)
    if location.git is not None:
        from omnibuild.sources.git import Git

        return Git(location.git)
    if location.path is not None:
        from omnibuild.sources.path import LocalPath

        return LocalPath(location.path)
    if location.debian is not None:
        from omnibuild.sources.debian import Debian

        return Debian(location.debian)
    if location.pypi is not None:
        from omnibuild.sources.pypi import Pypi

        return Pypi(location.pypi)
    if location.maven is not None:
        from omnibuild.sources.maven import Maven

        return Maven(location.maven)
    if location.gomodule is not None:
        from omnibuild.sources.gomodule import GoModule

        return GoModule(location.gomodule)
    raise AssertionError("the model lets no other location through")
