"""The changelog between two manifests: components, then what the project's history says."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from omnibuild.manifest.diff import ManifestDiff
from omnibuild.manifest.model import VersionManifest

_TRAILER = "ChangeLog-Entry"
_TIMEOUT_S = 60
_COMMIT = re.compile(r"^[0-9a-f]{7,64}$")


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit; ``entries`` are its ChangeLog-Entry trailers, which say it in a user's words."""

    id: str
    subject: str
    author: str
    entries: tuple[str, ...]


def commits_between(repository: Path, old: VersionManifest, new: VersionManifest) -> tuple[Commit, ...] | None:
    """Return the commits from one build to the other, newest first.

    None when the manifests name no revisions, or the repository does not have them.
    """
    revisions = (old.build_git_revision, new.build_git_revision)
    if not all(revision and _is_commit(revision) for revision in revisions):
        return None
    form = f"%h%x1f%s%x1f%an%x1f%(trailers:key={_TRAILER},valueonly,unfold,separator=%x1d)%x1e"
    argv = [
        "git",
        "-C",
        str(repository),
        "log",
        "--no-merges",
        f"--format={form}",
        f"{revisions[0]}..{revisions[1]}",
        "--",
    ]
    try:
        done = subprocess.run(
            argv, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False, stdin=subprocess.DEVNULL
        )
    except OSError:
        return None
    return tuple(_parse(done.stdout)) if done.returncode == 0 else None


@dataclass(frozen=True, slots=True)
class Changelog:
    """What changed, in components and in the project; no ``commits`` where its history does not tell."""

    difference: ManifestDiff
    commits: tuple[Commit, ...]

    @property
    def changes(self) -> tuple[str, ...]:
        """A line for each change: the ChangeLog-Entry trailers where any commit carries one, else every subject."""
        entries = tuple(f"{entry} ({each.author})" for each in self.commits for entry in each.entries)
        return entries or tuple(f"{each.subject} ({each.id})" for each in self.commits)

    @property
    def contributors(self) -> tuple[str, ...]:
        """The commits' authors, sorted."""
        return tuple(sorted({each.author for each in self.commits}))

    def to_json(self) -> str:
        """Return the changelog as a JSON document: that of the difference, with ``changes`` and ``contributors``."""
        own = {"changes": self.changes, "contributors": self.contributors}
        return json.dumps(asdict(self.difference) | own, indent=2, ensure_ascii=False)

    def to_text(self) -> str:
        """Return the changelog as lines."""
        parts = [self.difference.to_text(), *(f"{title}:\n" + _lines("  ", lines) for title, lines in self._sections())]
        return "\n".join(parts)

    def to_markdown(self) -> str:
        """Return the changelog as the sections of a release's page."""
        parts = [
            self.difference.to_markdown().rstrip() + "\n",
            *(f"### {title}\n\n" + _lines("* ", lines) for title, lines in self._sections()),
        ]
        return "\n".join(parts)

    def _sections(self) -> Iterable[tuple[str, tuple[str, ...]]]:
        for title, lines in (("Changes", self.changes), ("Contributors", self.contributors)):
            if lines:
                yield title, lines


def _lines(mark: str, lines: Iterable[str]) -> str:
    return "".join(f"{mark}{line}\n" for line in lines)


def _is_commit(revision: str) -> bool:
    return _COMMIT.match(revision) is not None


def _parse(text: str) -> Iterable[Commit]:
    for record in filter(None, (part.strip("\n") for part in text.split("\x1e"))):
        commit, subject, author, trailers = record.split("\x1f")
        entries = tuple(entry.strip() for entry in trailers.split("\x1d") if entry.strip())
        yield Commit(commit, subject, author, entries)
