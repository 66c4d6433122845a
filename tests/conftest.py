"""What all tests share: the tiny product, and the command line run on it."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from commandline import Omnibuild, Process, Ran

from omnibuild import cli

TINY = Path(__file__).parent / "tiny"


def pytest_configure() -> None:
    """Let what tests start end by a terminal's signals, which a shell's `&` and nohup have ignored."""
    for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, usual)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Make a skipped test a failed one in CI: there, whatever a test needs must be installed."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI") == "true":
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {report.longrepr}"
    return report


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the tiny product, as working directory, with a store of its own."""
    folder = tmp_path / "tiny"
    shutil.copytree(TINY, folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("OMNIBUILD_STORE", str(tmp_path / "store"))
    return folder


@pytest.fixture
def omnibuild() -> Iterator[Omnibuild]:
    """Run a command line in this process."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}

    def run(*argv: str | Path) -> Ran:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = cli.run([str(item) for item in argv])
        return Ran(code, out.getvalue(), err.getvalue())

    yield run
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def process() -> Iterator[Process]:
    """Start command lines as processes of their own, ended with the test."""
    started = []

    def start(*argv: str | Path, **options: Any) -> subprocess.Popen[str]:
        child = subprocess.Popen(
            [sys.executable, "-m", "omnibuild", *map(str, argv)],
            stdin=options.pop("stdin", subprocess.DEVNULL),
            stdout=subprocess.PIPE,
            stderr=options.pop("stderr", subprocess.PIPE),
            text=True,
            env=options.pop("env", dict(os.environ)) | {"PYTHONPATH": os.pathsep.join(sys.path)},
            **options,
        )
        started.append(child)
        return child

    yield start
    for child in started:
        child.kill()
        child.communicate()
