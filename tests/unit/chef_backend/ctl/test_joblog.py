"""The log of a long command where its disk takes nothing."""

from __future__ import annotations

import io
import os

from chef_backend.ctl.joblog import Lossy


def test_a_full_disk_ends_no_command() -> None:
    """/dev/full refuses every write, at once or when the file is closed."""
    with io.TextIOWrapper(io.BufferedWriter(Lossy(os.open("/dev/full", os.O_WRONLY), "w"))) as stream:
        assert stream.write("an event\n") == len("an event\n")
        stream.flush()
        stream.write("the last one\n")
