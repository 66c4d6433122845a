"""`omnibuild completion` and what it completes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import Omnibuild


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script_is_read_by_its_shell(shell: str, omnibuild: Omnibuild) -> None:
    ran = omnibuild("completion", shell)
    assert ran.code == 0
    assert "_OMNIBUILD_COMPLETE" in ran.out
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    subprocess.run([shell, "-n"], input=ran.out, text=True, check=True)


def test_component_names_are_completed_from_the_lineup(tiny: Path) -> None:
    words = {"COMP_WORDS": "omnibuild build he", "COMP_CWORD": "2", "_OMNIBUILD_COMPLETE": "bash_complete"}
    done = subprocess.run(
        [sys.executable, "-m", "omnibuild"],
        env=os.environ | words,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.split() == ["plain,hello"]


def test_unknown_shell_is_refused(omnibuild: Omnibuild) -> None:
    assert omnibuild("completion", "tcsh").code == 2
