"""Location ``maven``: an artifact by its coordinates, through mvn with this host's settings.xml."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from omnibuild.files import sha256_of
from omnibuild.sources.base import Fetched, LocationFailed, Request
from omnibuild.sources.store import file_lock
from omnibuild.sources.tool import host_environment, require, run_tool

_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"
_FORM = "group:artifact:version:packaging[:classifier]"


@dataclass(frozen=True, slots=True)
class Maven:
    """Coordinates ``group:artifact:version:packaging[:classifier]``."""

    coordinates: str

    @property
    def label(self) -> str:
        """``maven`` and the coordinates."""
        return f"maven {self.coordinates}"

    @property
    def file_name(self) -> str:
        """The file's name in a repository."""
        _, artifact, version, packaging, *classifier = self._parts() or ["", "artifact", "", "jar"]
        return "-".join([artifact, version, *classifier]) + f".{packaging}"

    def read(self, request: Request) -> Fetched:
        """Let mvn resolve the artifact into a repository of our own, and take the file."""
        if not self._parts():
            raise LocationFailed(f"not of the form {_FORM}")
        request.require_network()
        mvn = require("mvn", package="maven")
        out = request.work / "maven"
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        repository = request.cache / "maven"
        argv = (
            mvn,
            "--batch-mode",
            "--quiet",
            "--update-snapshots",  # looks again for what was not found before, releases too
            "-Dstyle.color=never",
            f"-Dmaven.repo.local={repository}",
            f"-Dmaven.wagon.rto={round(request.options.timeout_s * 1000)}",
            _COPY,
            f"-Dartifact={self.coordinates}",
            f"-DoutputDirectory={out}",
        )
        env = host_environment("JAVA_HOME", "MAVEN_OPTS", "MAVEN_ARGS", "M2_HOME")
        # A local repository must not be written by two mvn at once.
        with file_lock(request.cache / "maven.lock", request.options):
            run_tool(argv, cwd=out, env=env, options=request.options)
        files = [path for path in out.iterdir() if path.is_file()]
        if len(files) != 1:
            raise LocationFailed(f"mvn delivered {len(files)} files instead of one")
        return Fetched(files[0], sha256_of(files[0]))

    def _parts(self) -> list[str]:
        """Return the four or five parts; none when the coordinates are malformed."""
        parts = self.coordinates.split(":")
        well_formed = len(parts) in {4, 5} and all(parts) and not any("/" in part for part in parts)
        return parts if well_formed else []
