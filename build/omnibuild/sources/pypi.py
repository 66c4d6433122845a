"""Location ``pypi``: one released file of a project, from the Python index this host uses."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pypi_simple
import requests

from omnibuild.recipe.model import PypiFile
from omnibuild.sources.base import Fetched, FetchOptions, LocationFailed, Request
from omnibuild.sources.download import new_session
from omnibuild.sources.tool import host_environment, run_tool
from omnibuild.sources.url import Url
from omnibuild.sources.urls import plain_name, redact


@dataclass(frozen=True, slots=True)
class Pypi:
    """One file of one project."""

    spec: PypiFile

    @property
    def label(self) -> str:
        """``pypi``, project and file."""
        return f"pypi {self.spec.project} {self.spec.file}"

    @property
    def file_name(self) -> str:
        """The file."""
        return plain_name(self.spec.file)

    def read(self, request: Request) -> Fetched:
        """Look the file up in the index, compare the index's digest with the pin, and download it."""
        request.require_network()
        package = self._find(request.options)
        request.compare_listed(package.digests.get("sha256"), "the index")
        return Url(package.url, self.file_name).read(request)

    def _find(self, options: FetchOptions) -> pypi_simple.DistributionPackage:
        index = index_url(options)
        endpoint = index or pypi_simple.PYPI_SIMPLE_ENDPOINT
        try:
            with new_session(options) as session, pypi_simple.PyPISimple(endpoint, session=session) as client:
                page = client.get_project_page(self.spec.project, timeout=options.timeout_s)
        except pypi_simple.NoSuchProjectError as error:
            raise LocationFailed(f"the index has no project {self.spec.project}") from error
        except (requests.RequestException, pypi_simple.UnsupportedContentTypeError, ValueError) as error:
            raise LocationFailed(f"the index cannot be read: {redact(str(error))}") from error
        for package in page.packages:
            if package.filename == self.spec.file:
                return package
        raise LocationFailed(f"the index has no file {self.spec.file} of {self.spec.project}")


def index_url(options: FetchOptions) -> str | None:
    """Return the index that pip is configured with; None for the default."""
    if stated := os.environ.get("PIP_INDEX_URL"):
        return stated
    try:
        env = host_environment("PIP_CONFIG_FILE", "XDG_CONFIG_*", "VIRTUAL_ENV")
        argv = (sys.executable, "-m", "pip", "config", "get", "global.index-url")
        return run_tool(argv, cwd=Path("/"), env=env, options=options).strip() or None
    except LocationFailed:
        # Not set, or no pip in this environment.
        return None
