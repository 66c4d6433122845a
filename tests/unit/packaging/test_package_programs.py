"""Programs that packaging runs: their words when they fail, and their end when it is given up."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from omnibuild.errors import HostLacks, Interrupted, PackagingFailed
from omnibuild.packaging.programs import Programs

ENVIRONMENT = {"PATH": "/usr/bin:/bin"}


def shell(script: str) -> list[str]:
    return ["/bin/sh", "-c", script]


def test_output_of_a_program_is_returned(tmp_path: Path) -> None:
    """Its environment is exactly the given one, its folder too."""
    output = Programs().run(shell("pwd; env | grep -v -e ^PWD -e ^_"), cwd=tmp_path, environment=ENVIRONMENT)
    assert output.decode() == f"{tmp_path}\nPATH=/usr/bin:/bin\n"


@pytest.mark.parametrize(
    ("script", "error", "said"),
    [
        ("echo out; echo why >&2; exit 3", PackagingFailed, "exit code 3\n  why\n  out"),
        ("echo write: no space left on device >&2; exit 1", HostLacks, "the disk is full\n  write: no space"),
        # nfpm sets its message in lines of 80 columns and draws a frame of blanks around it
        (
            "printf '   ERROR  \\n\\n  write /a/path: no space left on \\n  device.   \\n\\n' >&2; exit 1",
            HostLacks,
            "the disk is full\n     ERROR\n    write /a/path: no space left on\n    device.",
        ),
    ],
)
def test_failure_is_told_in_the_programs_words(tmp_path: Path, script: str, error: type[Exception], said: str) -> None:
    with pytest.raises(error) as caught:
        Programs().run(shell(script), cwd=tmp_path, environment=ENVIRONMENT)
    assert said in str(caught.value)


def test_program_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(PackagingFailed, match=r"still running after 0\.1 s"):
        Programs().run(["sleep", "1000"], cwd=tmp_path, environment=ENVIRONMENT, timeout_s=0.1)


def test_all_programs_end_and_none_is_started_any_more(tmp_path: Path) -> None:
    """Whoever waits for one is told that it failed."""
    programs, failures, began = Programs(), [], threading.Barrier(3)

    def wait() -> None:
        with programs.started(["sleep", "1000"], environment=ENVIRONMENT) as process:
            began.wait()
            failures.append(process.wait())

    threads = [threading.Thread(target=wait) for _ in range(2)]
    for thread in threads:
        thread.start()
    began.wait()
    programs.end()
    for thread in threads:
        thread.join(timeout=60)
    assert failures == [-9, -9]
    with pytest.raises(Interrupted):
        programs.run(["true"], cwd=tmp_path, environment=ENVIRONMENT)
