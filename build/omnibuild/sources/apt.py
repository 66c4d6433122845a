"""A private apt for one suite of Debian: own lists and state, this host's mirror, keys and proxies."""

from __future__ import annotations

import re
import shlex
import time
from dataclasses import dataclass
from pathlib import Path

from omnibuild.sources.aptsources import Mirror, find_mirror, keyrings, parse_targets
from omnibuild.sources.base import FetchOptions, LocationFailed
from omnibuild.sources.store import file_lock
from omnibuild.sources.tool import host_environment, require, run_tool

_FRESH_S = 24 * 3600
# A package that is not found is looked for again in new lists, unless they are this new.
_NEW_S = 600
_INDEX_FIELDS = "$(LABEL)|$(REPO_URI)|$(RELEASE)|$(SOURCESENTRY)"

# Valid-Until is not checked: archived suites are past it, and the pin decides about the bytes.
# The host's hooks belong to its own lists.
_CONF = """\
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::State "{folder}/state";
Dir::State::lists "{folder}/lists";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}/cache";
Dir::Etc::sourcelist "{folder}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Acquire::Languages "none";
Acquire::Check-Valid-Until "false";
Acquire::http::Timeout "{timeout_s}";
Acquire::https::Timeout "{timeout_s}";
Acquire::Retries "{retries}";
APT::Update::Error-Mode "any";
APT::Sandbox::User "root";
"""


@dataclass(frozen=True, slots=True)
class Apt:
    """apt with its state in ``folder``."""

    folder: Path
    options: FetchOptions

    @classmethod
    def of_suite(cls, suite: str, *, cache: Path, options: FetchOptions) -> Apt:
        """Set up apt for the suite; LocationFailed if this host knows no Debian mirror."""
        mirror = host_mirror(suite, options)
        apt = cls(cache / "apt" / suite, options)
        with file_lock(apt.folder / "lock", options):
            apt._write(mirror, suite)
        return apt

    def update(self, *, force: bool) -> None:
        """Bring the lists up to date when they are older than a day; with ``force``, than 10 minutes."""
        stamp = self.folder / "updated"
        with file_lock(self.folder / "lock", self.options):
            age_s = time.time() - stamp.stat().st_mtime if stamp.exists() else _FRESH_S
            if age_s < (_NEW_S if force else _FRESH_S):
                return
            stamp.unlink(missing_ok=True)
            self.get("update")
            stamp.touch()

    def get(self, *arguments: str, cwd: Path | None = None) -> str:
        """Return the output of an apt-get command."""
        return self._run("apt-get", "-q", "-c", f"{self.folder}/apt.conf", *arguments, cwd=cwd)

    def show_source(self, package: str) -> str:
        """Return the stanzas of a source package in all its versions, empty if there is none."""
        try:
            return self._run("apt-cache", "-c", f"{self.folder}/apt.conf", "--only-source", "showsrc", package)
        except LocationFailed as error:
            if "Unable to locate package" in error.message or "No packages found" in error.message:
                return ""
            raise

    def proxies(self) -> tuple[tuple[str, str], ...]:
        """Return the proxies that apt is configured with, by scheme."""
        asked = ("HTTP", "Acquire::http::Proxy", "HTTPS", "Acquire::https::Proxy")
        found = re.findall(r"^(HTTPS?)=(.*)$", self._run("apt-config", "shell", *asked), re.MULTILINE)
        pairs = ((name.lower(), "".join(shlex.split(value))) for name, value in found)
        return tuple((scheme, proxy) for scheme, proxy in pairs if proxy and proxy != "DIRECT")

    def _run(self, *argv: str, cwd: Path | None = None) -> str:
        return run_tool(argv, cwd=cwd or self.folder, env=host_environment(), options=self.options)

    def _write(self, mirror: Mirror, suite: str) -> None:
        for part in ("state", "lists/partial", "cache/archives/partial"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        (self.folder / "status").touch()
        signed = ",".join(keyrings(mirror))
        option = f"[signed-by={signed}] " if signed else ""
        line = f"deb-src {option}{mirror.uri} {suite} main\n"
        listed = self.folder / "sources.list"
        if not listed.exists() or listed.read_text(encoding="utf-8") != line:
            (self.folder / "updated").unlink(missing_ok=True)
            listed.write_text(line, encoding="utf-8")
        conf = _CONF.format(
            folder=self.folder, timeout_s=max(1, round(self.options.timeout_s)), retries=self.options.retries
        )
        (self.folder / "apt.conf").write_text(conf, encoding="utf-8")


def host_mirror(suite: str, options: FetchOptions) -> Mirror:
    """Return the mirror of a suite's archive among this host's apt sources; LocationFailed if there is none."""
    argv = (require("apt-get", package="apt"), "indextargets", "--format", _INDEX_FIELDS, "Created-By: Packages")
    targets = run_tool(argv, cwd=Path("/"), env=host_environment(), options=options)
    mirror = find_mirror(parse_targets(targets), suite, os_release=_read(Path("/etc/os-release")))
    if mirror is None:
        raise LocationFailed(f"no apt source of this host is a Debian mirror with {suite}'s archive")
    return mirror


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
