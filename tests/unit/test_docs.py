"""The documentation is as the code: generated pages are fresh, links lead somewhere, names are stated."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from omnibuild import cli, errors

REPOSITORY = Path(__file__).parent.parent.parent
PAGES = sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md"), REPOSITORY / "installer/README.md"])
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def test_generated_pages_are_fresh() -> None:
    """`make docs` would change nothing."""
    done = subprocess.run(
        [sys.executable, "scripts/reference.py", "--check"],
        cwd=REPOSITORY,
        env={"PYTHONPATH": "build", "PATH": "/usr/bin:/bin", "HOME": "/root"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_every_command_is_documented() -> None:
    """Each command that --help lists has its section."""
    text = (REPOSITORY / "docs/reference/cli.md").read_text()
    assert [name for name in cli.COMMANDS if f"## omnibuild {name}\n" not in text] == []


def test_every_exit_code_is_documented() -> None:
    """Each error class stands with its code in the table."""
    text = (REPOSITORY / "docs/reference/exit-codes.md").read_text()
    kinds = [each for each in errors.OmnibuildError.__subclasses__() if "exit_code" in vars(each)]
    assert [each for each in kinds if f"| {each.exit_code} | {each.__name__} |" not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_links_resolve(page: Path) -> None:
    """Every link to a file of the repository leads to one, and every anchor to a heading."""
    assert [link for link in _links(page) if not _leads_somewhere(page, link)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_named_files_exist(page: Path) -> None:
    """Paths of the repository that a page names in backquotes are there."""
    named = re.findall(
        r"`((?:build/omnibuild|installer|scripts|docs|tests|recipes|manifests)/[\w./-]+\.\w+)`", _prose(page)
    )
    assert [name for name in named if not (REPOSITORY / name).exists()] == []


def _prose(page: Path) -> str:
    return _FENCE.sub("", page.read_text())


def _links(page: Path) -> list[str]:
    return [link for link in _LINK.findall(_prose(page)) if not link.startswith(("http:", "https:", "mailto:"))]


def _leads_somewhere(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = page.parent / name if name else page
    return target.exists() and (not anchor or anchor in _anchors(target))


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", _prose(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
