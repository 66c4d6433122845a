"""The changelog between two manifests: components, then what the project's history says."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
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


def changelog(difference: ManifestDiff, commits: tuple[Commit, ...] | None) -> str:
    """Return the changelog in Markdown.

    Where any commit carries a ChangeLog-Entry, only those entries are listed, else every subject.
    """
    parts = [difference.to_markdown().rstrip()]
    entries = [f"* {entry} ({each.author})" for each in commits or () for entry in each.entries]
    lines = entries or [f"* {each.subject} ({each.id})" for each in commits or ()]
    if lines:
        parts.append("### Changes\n\n" + "\n".join(lines))
    authors = sorted({each.author for each in commits or ()})
    if authors:
        parts.append("### Contributors\n\n" + "\n".join(f"* {author}" for author in authors))
    return "\n\n".join(parts) + "\n"


def _is_commit(revision: str) -> bool:
    return _COMMIT.match(revision) is not None


def _parse(text: str) -> Iterable[Commit]:
    for record in filter(None, (part.strip("\n") for part in text.split("\x1e"))):
        commit, subject, author, trailers = record.split("\x1f")
        entries = tuple(entry.strip() for entry in trailers.split("\x1d") if entry.strip())
        yield Commit(commit, subject, author, entries)
