"""Ctrl-C, SIGTERM, a closed terminal, SIGKILL: none leaves a process, a mount, or anything half-stored."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from commandline import Omnibuild, Process, edit

# A build waits for the disk, which others may keep busy.
WITHIN_S = 300
Sleeping = tuple[subprocess.Popen[str], str]
pytestmark = pytest.mark.root


def eventually(check: Callable[[], object], *, within_s: float = WITHIN_S) -> None:
    """Wait until ``check`` is true."""
    until = time.monotonic() + within_s
    while not check():
        assert time.monotonic() < until, f"not within {within_s} s: {check}"
        time.sleep(0.05)


def sleepers(seconds: str) -> set[int]:
    """Return the processes that run ``sleep SECONDS``, wherever they are."""
    return {pid for pid in processes() if cmdline(pid) == ["sleep", seconds]}


def processes() -> set[int]:
    return {int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()}


def cmdline(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")[:-1]
    except OSError:
        return []


def descendants(pid: int) -> set[int]:
    """Return all living processes that come from ``pid``."""
    parents = {}
    for each in processes():
        try:
            state, parent = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state != "Z":
            parents[each] = int(parent)
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


@pytest.fixture
def sleeping(tiny: Path, tmp_path: Path, process: Process) -> Sleeping:
    """A build of which one component sleeps, and for how long (which tells it from all other sleeps)."""
    seconds = str(100_000 + os.getpid())
    edit(tiny / "recipes/hello/build.sh", "mkdir -p", f"touch $PREFIX/half\nsleep {seconds}\nmkdir -p")
    child = process("build", "--jobs", "2", start_new_session=True)
    eventually(lambda: sleepers(seconds))
    return child, seconds


def assert_nothing_left(store: Path, seconds: str, family: set[int]) -> None:
    eventually(lambda: not sleepers(seconds), within_s=10)
    eventually(lambda: not family & processes(), within_s=10)
    assert str(store) not in Path("/proc/self/mountinfo").read_text()
    names = [path.read_text().partition('"name": "')[2].partition('"')[0] for path in (store / "results").iterdir()]
    assert sorted(names) == ["libhello", "mkgreeting"]


def assert_next_build_is_right(tiny: Path, omnibuild: Omnibuild) -> None:
    script = tiny / "recipes/hello/build.sh"
    script.write_text("".join(line for line in script.read_text().splitlines(keepends=True) if "sleep" not in line))
    edit(script, "touch $PREFIX/half\n", "")
    ran = omnibuild("package", "--json")
    assert ran.code == 0, ran.err
    assert omnibuild("cache", "verify").code == 0


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_build_ends_at_once_and_leaves_nothing(
    sent: signal.Signals, sleeping: Sleeping, tiny: Path, tmp_path: Path, omnibuild: Omnibuild
) -> None:
    child, seconds = sleeping
    family = descendants(child.pid)
    assert len(family) >= 3
    child.send_signal(sent)
    _, err = child.communicate(timeout=WITHIN_S)
    assert child.returncode == 130
    assert err.rstrip().endswith("error: interrupted\nhint: run the same command again: finished components are kept")
    assert "Traceback" not in err
    assert "FAILED" not in err
    store = tmp_path / "store"
    assert_nothing_left(store, seconds, family)
    assert not list((store / "scratch").iterdir())
    assert_next_build_is_right(tiny, omnibuild)


def test_ctrl_c_on_a_terminal_reaches_the_whole_group_and_still_ends_cleanly(
    sleeping: Sleeping, tmp_path: Path
) -> None:
    """A terminal signals every process of the foreground group, not only omnibuild."""
    child, seconds = sleeping
    family = descendants(child.pid)
    os.killpg(child.pid, signal.SIGINT)
    child.communicate(timeout=WITHIN_S)
    assert child.returncode == 130
    assert_nothing_left(tmp_path / "store", seconds, family)


def test_killed_omnibuild_takes_its_sandboxes_along(
    sleeping: Sleeping, tiny: Path, tmp_path: Path, omnibuild: Omnibuild
) -> None:
    """SIGKILL leaves omnibuild no time: the kernel ends what it started."""
    child, seconds = sleeping
    family = descendants(child.pid)
    child.kill()
    child.communicate(timeout=WITHIN_S)
    assert_nothing_left(tmp_path / "store", seconds, family)
    assert_next_build_is_right(tiny, omnibuild)


def test_second_ctrl_c_changes_nothing(sleeping: Sleeping, tmp_path: Path) -> None:
    child, seconds = sleeping
    family = descendants(child.pid)
    child.send_signal(signal.SIGINT)
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=WITHIN_S)
    assert child.returncode in {130, -signal.SIGINT}
    assert_nothing_left(tmp_path / "store", seconds, family)


@pytest.fixture
def packaging(tiny: Path, process: Process) -> subprocess.Popen[str]:
    """A package that is being written, of something that takes a while to compress."""
    edit(tiny / "recipes/hello/build.sh", "mkdir -p", 'head -c 150M /dev/urandom >"$PREFIX/large"\nmkdir -p')
    child = process("package", start_new_session=True)
    eventually(lambda: any("nfpm" in " ".join(cmdline(pid)) for pid in descendants(child.pid)))
    return child


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_packaging_ends_at_once_and_leaves_no_package(
    sent: signal.Signals, packaging: subprocess.Popen[str], tiny: Path, omnibuild: Omnibuild
) -> None:
    family = descendants(packaging.pid)
    packaging.send_signal(sent)
    _, err = packaging.communicate(timeout=WITHIN_S)
    assert packaging.returncode == 130
    assert "verified" not in err
    assert "Traceback" not in err
    assert not family & processes()
    assert [path.name for path in (tiny / "dist").iterdir()] == ["check-report.json"]


def test_killed_packaging_leaves_nothing_that_the_next_run_does_not_clear_away(
    packaging: subprocess.Popen[str], tiny: Path, omnibuild: Omnibuild
) -> None:
    packaging.kill()
    packaging.communicate(timeout=WITHIN_S)
    assert list((tiny / "dist").glob(".packaging-*"))
    script = tiny / "recipes/hello/build.sh"
    edit(script, "head -c 150M", "head -c 15k")
    ran = omnibuild("package")
    assert ran.code == 0, ran.err
    assert not list((tiny / "dist").glob(".*"))


def test_store_is_not_cleaned_under_a_running_build(sleeping: Sleeping, omnibuild: Omnibuild) -> None:
    ran = omnibuild("cache", "gc")
    assert ran.code == 9
    assert "in use by a build" in ran.err
