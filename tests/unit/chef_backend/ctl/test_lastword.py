"""A program that is late says so itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from chef_backend.base.clock import SystemClock
from chef_backend.ctl.commands.health import late
from chef_backend.ctl.lastword import process_age_s

WAITS = "import threading; threading.Event().wait()"
WORKS = "while True: pass"


def run(within_s: float, then: str) -> subprocess.CompletedProcess[str]:
    head = "from chef_backend.ctl.lastword import last_word"
    code = f"{head}\nwith last_word('late', 3, {within_s}): {then}"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("then", [WAITS, f"exec({WORKS!r})"])
def test_what_waits_or_works_too_long_is_ended(then: str) -> None:
    ended = run(0.5, then)
    assert (ended.stdout, ended.returncode) == ("late", 3)


def test_one_whose_time_is_over_is_late_at_once() -> None:
    assert run(-1, WAITS).stdout == "late"


def test_the_age_of_a_process_counts_from_its_start() -> None:
    """However long it took to get as far as to ask."""
    assert 0 < process_age_s() < SystemClock().monotonic()
    before = process_age_s()
    assert process_age_s() >= before


def test_what_ends_in_time_has_the_word_itself() -> None:
    ended = run(3600, "print('done')")
    assert (ended.stdout, ended.returncode) == ("done\n", 0)


def test_the_word_of_health_is_what_it_says_of_a_look_that_failed() -> None:
    """A line for Nagios, or a document with the same keys as any other."""
    assert late(as_document=False) == "CHEF-BACKEND UNKNOWN - CB300 this look: no answer within 9 s\n"
    told = json.loads(late(as_document=True))
    assert (told["verdict"], told["exit_code"], len(told["findings"])) == ("unknown", 3, 1)
