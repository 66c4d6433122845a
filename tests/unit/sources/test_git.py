"""Git sources from local repositories: exact commits, whatever the host's git is set to."""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest

from omnibuild.errors import ChecksumMismatch, SourceUnavailable


class Repository:
    """A repository with a file, a program, a link and attributes that git archive would obey."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")
        (folder / "a.txt").write_text("$Format:%H$\n")
        (folder / ".gitattributes").write_text("a.txt export-subst\nb export-ignore\n* text eol=crlf\n")
        (folder / "b").write_text("#!/bin/sh\n")
        (folder / "b").chmod(0o755)
        (folder / "link").symlink_to("a.txt")

    def git(self, *arguments: str) -> str:
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "protocol.file.allow=always")
        argv = ("git", *identity, "-C", str(self.folder), *arguments)
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "c")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "upstream")


def digest_of(fetch: Any, **spec: Any) -> str:
    """Return the digest that a location has, as the error about a wrong pin tells it."""
    with pytest.raises(ChecksumMismatch) as caught:
        fetch({"sha256": "0" * 64, "locations": [{"git": spec}]})
    return caught.value.message.split("got ")[1][:64]


def get(fetch: Any, **spec: Any) -> dict[str, tarfile.TarInfo]:
    found = fetch({"sha256": digest_of(fetch, **spec), "locations": [{"git": spec}]})
    with tarfile.open(found.path) as tar:
        return {info.name: info for info in tar if not info.isdir()}


def test_commit(repository: Repository, fetch: Any) -> None:
    """All stored files as they are stored, an older commit included."""
    commit = repository.commit()
    (repository.folder / "later").write_text("x")
    repository.commit()
    members = get(fetch, repository=str(repository.folder), commit=commit)
    assert sorted(members) == ["source/.gitattributes", "source/a.txt", "source/b", "source/link"]
    assert members["source/a.txt"].size == len("$Format:%H$\n")
    assert members["source/b"].mode == 0o755
    assert members["source/link"].linkname == "a.txt"


def test_same_digest_by_url_and_from_another_clone(repository: Repository, fetch: Any, tmp_path: Path) -> None:
    """The digest belongs to the commit, not to where it came from."""
    commit = repository.commit()
    repository.git("clone", "-q", "--bare", str(repository.folder), str(tmp_path / "copy.git"))
    by_path = digest_of(fetch, repository=str(repository.folder), commit=commit)
    assert by_path == digest_of(fetch, repository=(tmp_path / "copy.git").as_uri(), commit=commit)


def test_relative_repository(repository: Repository, fetch: Any) -> None:
    """A relative path starts at the recipe's folder."""
    commit = repository.commit()
    assert get(fetch, repository="../../upstream", commit=commit)


def test_unknown_commit(repository: Repository, fetch: Any) -> None:
    """The reason names the commit; a repository that is none is a reason too."""
    repository.commit()
    for place, why in (
        (str(repository.folder), f"no commit {'1' * 40}|not our ref|fatal"),
        ("/nowhere", "fatal"),
        ("-x", "not a"),
    ):
        with pytest.raises(SourceUnavailable, match=why):
            fetch({"sha256": "0" * 64, "locations": [{"git": {"repository": place, "commit": "1" * 40}}]})


def test_helper_protocol_is_refused(fetch: Any, tmp_path: Path) -> None:
    """An address cannot make git run a program."""
    address = f"ext::touch {tmp_path}/pwned"
    with pytest.raises(SourceUnavailable, match="not allowed"):
        fetch({"sha256": "0" * 64, "locations": [{"git": {"repository": address, "commit": "1" * 40}}]})
    assert not (tmp_path / "pwned").exists()


def test_cached_commit_needs_no_repository(repository: Repository, fetch: Any) -> None:
    """A commit once fetched is read from the cache's clone."""
    spec = {"repository": str(repository.folder), "commit": repository.commit()}
    digest = digest_of(fetch, **spec)
    repository.folder.rename(repository.folder.with_name("moved"))
    assert fetch({"sha256": digest, "locations": [{"git": spec}]}, offline=True).label.startswith("git ")


def test_submodules(repository: Repository, fetch: Any, tmp_path: Path) -> None:
    """Submodules are followed when asked for, relative addresses included; else left out."""
    inner = Repository(tmp_path / "inner")
    inner.commit()
    repository.git("submodule", "--quiet", "add", "../inner", "third/inner")
    commit = repository.commit()
    place = str(repository.folder)
    assert "source/third/inner/b" not in get(fetch, repository=place, commit=commit)
    assert "source/third/inner/b" in get(fetch, repository=place, commit=commit, submodules=True)
