"""Location ``git``: one commit of a repository, as a deterministic archive of its tree.

The archive is made of the stored objects themselves, not by ``git archive`` or a checkout:
attributes (export-subst, line endings) would make it differ between hosts.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from omnibuild.recipe.model import GitCommit
from omnibuild.sources.base import Fetched, FetchOptions, LocationFailed, Request
from omnibuild.sources.dtar import Member, write_tar
from omnibuild.sources.gitclone import Clone
from omnibuild.sources.gitobjects import Blobs, parse_submodules, parse_tree, submodule_url
from omnibuild.sources.store import file_lock
from omnibuild.sources.tool import require
from omnibuild.sources.urls import file_name_of, redact

_DEEPEST = 10


@dataclass(frozen=True, slots=True)
class Git:
    """A commit, with its submodules when the recipe says so."""

    spec: GitCommit

    @property
    def label(self) -> str:
        """``git``, the repository and the commit."""
        return f"git {redact(self.spec.repository)}@{self.spec.commit[:12]}"

    @property
    def file_name(self) -> str:
        """The repository's name and the commit."""
        name = file_name_of(self.spec.repository.rstrip("/")).removesuffix(".git")
        return f"{name}-{self.spec.commit[:12]}.tar"

    def read(self, request: Request) -> Fetched:
        """Fetch the commit into the cache, if it is not there, and archive its tree."""
        repository = _absolute(self.spec.repository, request.recipe_dir)
        out = request.work / "git.tar"
        trees = _Trees(request.cache / "git", request.options)
        try:
            members = trees.members(repository, self.spec.commit, "", depth=0 if self.spec.submodules else None)
            return Fetched(out, write_tar(members, out))
        finally:
            trees.close()


def _absolute(repository: str, recipe_dir: Path) -> str:
    """Return a path as an absolute one; URLs and host:path addresses stay as they are."""
    if urlsplit(repository).scheme or ":" in repository.split("/", 1)[0]:
        return repository
    return str((recipe_dir / repository).resolve())


class _Trees:
    """Lists the members of commits, and keeps their repositories' objects readable until closed."""

    def __init__(self, cache: Path, options: FetchOptions) -> None:
        self._git = require("git", package="git")
        self._cache = cache
        self._options = options
        self._open: list[Blobs] = []

    def members(self, repository: str, commit: str, prefix: str, *, depth: int | None) -> list[Member]:
        """Return all members of a commit below ``prefix``; submodules too unless ``depth`` is None."""
        folder = self._cache / f"{hashlib.sha256(repository.encode()).hexdigest()[:32]}.git"
        clone = Clone(self._git, repository, folder, self._options)
        with file_lock(folder.with_suffix(".lock"), self._options):
            clone.ensure(commit)
        blobs = Blobs(self._git, folder)
        self._open.append(blobs)
        entries = parse_tree(clone.run("ls-tree", "-r", "-z", "-l", "--full-tree", commit))
        found = [
            Member(prefix + entry.path, target=blobs.read(entry.object).decode("utf-8", "surrogateescape"))
            if entry.is_link
            else Member(prefix + entry.path, entry.size, entry.executable, open=partial(blobs.open, entry.object))
            for entry in entries
            if not entry.is_submodule
        ]
        submodules = {entry.path: entry.object for entry in entries if entry.is_submodule}
        if not submodules or depth is None:
            return found
        if depth >= _DEEPEST:
            raise LocationFailed(f"submodules nest deeper than {_DEEPEST}")
        urls = parse_submodules(clone.submodule_settings(commit))
        for path, pinned in submodules.items():
            if path not in urls:
                raise LocationFailed(f".gitmodules has no url for the submodule {path}")
            url = submodule_url(repository, urls[path])
            found += self.members(url, pinned, f"{prefix}{path}/", depth=depth + 1)
        return found

    def close(self) -> None:
        """End the processes that read objects."""
        for blobs in self._open:
            blobs.close()
