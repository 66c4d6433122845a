"""A bare clone in the cache that holds the wanted commits of one repository, and no more."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from omnibuild.sources.base import FetchOptions, LocationFailed
from omnibuild.sources.tool import host_environment, run_tool

# No ext:: or other helpers: a repository's address, or a submodule's, must not run a program.
_PROTOCOLS = "file:git:http:https:ssh"
_KEEP = "refs/omnibuild"


@dataclass(frozen=True, slots=True)
class Clone:
    """The clone of ``repository`` in ``folder``; use ``ensure`` under a lock."""

    git: str
    repository: str
    folder: Path
    options: FetchOptions

    def run(self, *arguments: str) -> str:
        """Return the output of a git command in the clone."""
        argv = (self.git, "-c", "gc.auto=0", "-c", "safe.directory=*", f"--git-dir={self.folder}", *arguments)
        return run_tool(argv, cwd=self.folder, env=_environment(), options=self.options)

    def ensure(self, commit: str) -> None:
        """Fetch the commit unless it is here; LocationFailed if the repository does not have it."""
        if self.repository.startswith("-"):
            raise LocationFailed(f"not a repository: {self.repository!r}")
        if not (self.folder / "HEAD").exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            self.run("init", "--quiet", "--bare", "--object-format=sha1", str(self.folder))
        if self._has(commit):
            return
        if self.options.offline and not self._is_local():
            raise LocationFailed("the commit is not in the cache, and was not asked for because of --offline")
        self._fetch(commit)
        if not self._has(commit):
            raise LocationFailed(f"the repository has no commit {commit}")
        self.run("update-ref", f"{_KEEP}/{commit}", commit)

    def submodule_settings(self, commit: str) -> str:
        """Return .gitmodules of a commit, as ``git config -z`` lists it."""
        return self.run("config", "--blob", f"{commit}:.gitmodules", "-z", "--list")

    def _fetch(self, commit: str) -> None:
        try:
            self.run("fetch", "--quiet", "--no-tags", "--depth=1", self.repository, commit)
        except LocationFailed:
            # Servers that serve only what a ref names.
            self.run("fetch", "--quiet", "--tags", self.repository, f"+refs/heads/*:{_KEEP}/heads/*")

    def _has(self, commit: str) -> bool:
        try:
            return self.run("cat-file", "-t", commit).strip() == "commit"
        except LocationFailed:
            return False

    def _is_local(self) -> bool:
        return self.repository.startswith("/") or urlsplit(self.repository).scheme == "file"


def _environment() -> dict[str, str]:
    host = host_environment(
        "SSH_AUTH_SOCK",
        "GIT_SSH_COMMAND",
        "GIT_SSL_CAINFO",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_KEY_*",
        "GIT_CONFIG_VALUE_*",
    )
    return host | {"GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": _PROTOCOLS, "GIT_LFS_SKIP_SMUDGE": "1"}
