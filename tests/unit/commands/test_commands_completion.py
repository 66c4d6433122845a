"""`omnibuild completion` and what it completes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import Omnibuild
from shells import Shell


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script_is_read_by_its_shell(shell: str, omnibuild: Omnibuild) -> None:
    ran = omnibuild("completion", shell)
    assert ran.code == 0
    assert "_OMNIBUILD_COMPLETE" in ran.out
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    subprocess.run([shell, "-n"], input=ran.out, text=True, check=True)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_commands_options_and_components(
    shell: str, tiny: Path, tmp_path: Path, omnibuild: Omnibuild
) -> None:
    """On Tab, in the shell itself."""
    there = Shell(shell, tmp_path / "home", "omnibuild", "omnibuild")
    there.prepare(omnibuild("completion", shell).out)
    for keys, completed in (("bui", "build"), ("build --keep-g", "build --keep-going"), ("why mkg", "why mkgreeting")):
        assert there.typed(f"omnibuild {keys}\t", tiny) == completed.split()


def test_fish_shows_a_whole_explanation(omnibuild: Omnibuild, tmp_path: Path) -> None:
    """Also behind a comma."""
    if shutil.which("fish") is None:
        pytest.skip("fish is not installed")
    (tmp_path / "script").write_text(omnibuild("completion", "fish").out)
    program = tmp_path / "omnibuild"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m omnibuild "$@"\n')
    program.chmod(0o755)
    environment = {"HOME": str(tmp_path), "PATH": f"{tmp_path}:{os.defpath}", "PYTHONPATH": os.pathsep.join(sys.path)}
    argv = ["fish", "-c", f'source {tmp_path}/script; complete -C "omnibuild doc"']
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "doctor\tSay what this host lacks, and the command that fixes it.\n"


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
