"""Projects that are built for real, in folders of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from projects import Project, hello_project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project without any recipe yet."""
    return Project(tmp_path)


@pytest.fixture
def hello(tmp_path: Path) -> Project:
    """A library, a program that links it, and a leaf."""
    return hello_project(tmp_path)
