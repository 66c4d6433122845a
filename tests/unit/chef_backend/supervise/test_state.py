"""The bytes of runsv."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chef_backend.supervise.state import BadStatus, Phase, Process, parse_status, status_bytes

# Written by runsv of BusyBox 1.37 for `sleep` at 2026-11-24 05:58:10 UTC, then told to stop.
REAL = bytes.fromhex("400000006a13d1dc1dcd6500d2040000006401") + b"\x01"


def test_a_status_as_runsv_writes_it() -> None:
    process = parse_status(REAL)
    assert process.pid == 1234
    assert process.phase is Phase.RUN
    assert process.want == "down"
    assert process.got_term
    assert process.since == pytest.approx(0x6A13D1DC - 10 + 0.5)


@given(
    st.builds(
        Process,
        phase=st.sampled_from(Phase),
        pid=st.integers(0, 2**22),
        since=st.integers(0, 2**33).map(float),
        want=st.sampled_from(["", "up", "down"]),
        paused=st.booleans(),
        got_term=st.booleans(),
    )
)
def test_what_is_written_is_read(process: Process) -> None:
    assert parse_status(status_bytes(process)) == process


@given(st.binary(max_size=40))
def test_any_bytes_are_a_status_or_refused(content: bytes) -> None:
    try:
        assert parse_status(content).phase in Phase
    except BadStatus:
        assert len(content) != 20 or content[19] > 2


def test_a_clock_that_was_set_back_gives_no_negative_time() -> None:
    assert Process(Phase.RUN, 1, since=100.0).seconds(now=40.0) == 0
