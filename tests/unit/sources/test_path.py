"""Local sources: which files count, and that the digest depends on nothing else."""

from __future__ import annotations

import os
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest

from omnibuild.errors import ChecksumMismatch, InvalidInput

HERE = {"locations": [{"path": "files"}]}


def fill(folder: Path) -> None:
    for name in ("pkg/a.py", "pkg/__pycache__/a.pyc", "pkg/b.pyc", ".venv/x", "dist/y", "run.sh"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    (folder / "run.sh").chmod(0o700)
    (folder / "link").symlink_to("pkg/a.py")


def names(archive: Path) -> list[str]:
    with tarfile.open(archive) as tar:
        return [info.name for info in tar if not info.isdir()]


def test_folder(fetch: Any) -> None:
    """Caches and virtual environments do not count; times and umask do not matter."""
    folder = fetch.recipe_dir / "files"
    fill(folder)
    first = fetch(HERE)
    assert first.is_local
    assert names(first.path) == ["source/link", "source/pkg/a.py", "source/run.sh"]
    os.utime(folder / "run.sh", (1, 1))
    (folder / "pkg/a.py").chmod(0o600)
    assert fetch(HERE).sha256 == first.sha256
    (folder / "pkg/a.py").write_text("other")
    assert fetch(HERE).sha256 != first.sha256


def test_git_work_tree(fetch: Any) -> None:
    """In a work tree ignored files do not count, new ones do, deleted ones do not."""
    folder = fetch.recipe_dir / "files"
    fill(folder)
    plain = fetch(HERE)
    git = ("git", "-c", "init.defaultBranch=main", "-C", str(folder))
    subprocess.run([*git, "init", "-q"], check=True)
    (folder / ".git/info/exclude").write_text("*.o\n")
    (folder / "gone.c").write_text("x")
    subprocess.run([*git, "add", "-A"], check=True)
    (folder / "gone.c").unlink()
    (folder / "a.o").write_text("x")
    assert fetch(HERE).sha256 == plain.sha256
    (folder / "new.c").write_text("x")
    assert "source/new.c" in names(fetch(HERE).path)


def test_file(fetch: Any) -> None:
    """A single file is itself the source."""
    (fetch.recipe_dir / "unit.service").write_text("x")
    found = fetch({"locations": [{"path": "unit.service"}]})
    assert (found.file_name, found.path.read_text()) == ("unit.service", "x")


@pytest.mark.parametrize("target", ["../../secret", "/etc/passwd", "a/../../x"])
def test_escaping_link(fetch: Any, target: str) -> None:
    """A symbolic link out of the folder is an error that names it."""
    (fetch.recipe_dir / "files").mkdir()
    (fetch.recipe_dir / "files" / "link").symlink_to(target)
    with pytest.raises(InvalidInput, match="files/link: symbolic link"):
        fetch(HERE)


def test_pipe(fetch: Any) -> None:
    """A pipe is refused instead of waited for."""
    (fetch.recipe_dir / "files").mkdir()
    os.mkfifo(fetch.recipe_dir / "files" / "pipe")
    with pytest.raises(InvalidInput, match="neither a file"):
        fetch(HERE)


def test_missing(fetch: Any) -> None:
    """A missing folder is named with its full path; no mirror could serve it."""
    with pytest.raises(InvalidInput) as caught:
        fetch(HERE)
    place = "recipes/x/recipe.yml: sources[0]"
    assert caught.value.message == f"{place}: no such file or folder: {fetch.recipe_dir}/files"
    assert caught.value.hint == "correct the path: it is relative to the recipe's folder"


def test_pinned_path(fetch: Any) -> None:
    """A path may be pinned, and then must match."""
    (fetch.recipe_dir / "unit").write_text("x")
    with pytest.raises(ChecksumMismatch, match="expected sha256 0000"):
        fetch({"sha256": "0" * 64, "locations": [{"path": "unit"}]})
