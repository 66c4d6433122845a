"""`omnibuild shell`: the failed build's own sandbox, entered again."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from commandline import Omnibuild, Process, edit

pytestmark = pytest.mark.root


@pytest.fixture
def failed(tiny: Path, omnibuild: Omnibuild) -> Path:
    """A product whose program does not compile; returns its store."""
    edit(tiny / "recipes/hello/build.sh", "main.c", "main.c -nonsense")
    ran = omnibuild("build")
    assert ran.code == 6
    assert "hint: enter its tree with: omnibuild shell hello" in ran.err
    return tiny.parent / "store"


def shell(process: Process, *argv: str, script: str | None = None) -> tuple[int, str, str]:
    child = process("shell", *argv, stdin=subprocess.PIPE)
    out, err = child.communicate(script, timeout=60)
    return child.returncode, out, err


def test_shell_finds_the_tree_of_the_failed_build_as_it_was(failed: Path, process: Process) -> None:
    """Directory, environment, dependencies: what failed can be tried again by hand, and mended."""
    code, out, err = shell(
        process, "hello", script='pwd; echo "$PREFIX $NAME"; gcc main.c -L$PREFIX/lib -lhello -o $PREFIX/bin/hello; $?'
    )
    assert out.splitlines() == ["/build/src", "/opt/tiny/embedded hello"]
    assert "✗ cd /build/src && /bin/sh -eu /build/recipe/build.sh" in err
    assert code == 127  # the exit code of "0: not found": gcc succeeded
    assert not Path("/opt/tiny").exists()


def test_shell_passes_a_commands_exit_code_on(failed: Path, process: Process) -> None:
    assert shell(process, "hello", "--", "sh", "-c", "exit 3")[0] == 3
    assert shell(process, "hello", "--", "sh", "-c", "kill -TERM $$")[0] == 128 + 15


def test_shell_has_no_network(failed: Path, process: Process) -> None:
    out = shell(process, "hello", "--", "sh", "-c", "tail -n +3 /proc/net/dev | cut -d: -f1")[1]
    assert out.split() == ["lo"]


def test_nothing_done_in_the_shell_is_ever_stored(
    failed: Path, process: Process, omnibuild: Omnibuild, tiny: Path
) -> None:
    """A file left in the prefix of the kept tree is not in what the next build gives."""
    before = sorted((failed / "results").iterdir())
    shell(process, "hello", "--", "sh", "-c", "mkdir -p $PREFIX/bin; echo x >$PREFIX/bin/by-hand")
    assert sorted((failed / "results").iterdir()) == before
    edit(tiny / "recipes/hello/build.sh", " -nonsense", "")
    assert omnibuild("package").code == 0
    assert "by-hand" not in "".join(path.read_text() for path in (failed / "trees").rglob("*.json"))


def test_kept_tree_survives_other_commands_and_goes_with_the_next_build(
    failed: Path, omnibuild: Omnibuild, tiny: Path
) -> None:
    kept = failed / "scratch/failed-hello"
    assert omnibuild("why", "hello").code == 0
    assert kept.is_dir()
    edit(tiny / "recipes/hello/build.sh", " -nonsense", "")
    assert omnibuild("build").code == 0
    assert not kept.exists()


def test_without_a_failed_build_the_shell_is_where_a_build_begins(
    tiny: Path, omnibuild: Omnibuild, process: Process
) -> None:
    """Sources unpacked, dependencies in place, and gone afterwards."""
    assert omnibuild("build").code == 0
    code, out, err = shell(
        process,
        "hello",
        "--",
        "sh",
        "-c",
        "ls; ls $PREFIX/lib; gcc main.c $LDFLAGS -lhello -o hello && ./hello >&2",
    )
    assert code == 0
    assert out.split() == ["LICENSE", "main.c", "libhello.so", "libhello.so.1"]
    assert "the build would run" in err
    assert "\nhello, world\n" in err
    assert not list((tiny.parent / "store/scratch").iterdir())


def test_fresh_shell_ignores_what_a_failed_build_left(failed: Path, process: Process) -> None:
    assert shell(process, "hello", "--", "touch", "left")[0] == 0
    assert "left" in shell(process, "hello", "--", "ls")[1].split()
    assert "left" not in shell(process, "hello", "--fresh", "--", "ls")[1].split()


def test_shell_without_its_dependencies_names_what_to_build(tiny: Path, omnibuild: Omnibuild) -> None:
    ran = omnibuild("shell", "hello")
    assert ran.code == 6
    assert "hint: omnibuild build libhello" in ran.err
