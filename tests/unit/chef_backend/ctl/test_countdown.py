"""The last look before a cleanse."""

from __future__ import annotations

import pytest

from chef_backend.base.clock import FakeClock
from chef_backend.ctl.countdown import banner, count_down
from chef_backend.ctl.prompts import Declined


class ImpatientClock(FakeClock):
    """A clock at which somebody presses Ctrl-C after 30 seconds."""

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        if self.monotonic() >= 30:
            raise KeyboardInterrupt


def test_the_time_is_shown_as_it_passes() -> None:
    """No longer than asked for."""
    clock, shown = FakeClock(), list[str]()
    count_down(60, clock, shown.append)
    assert clock.monotonic() == 60
    assert [line.split()[0] for line in shown] == ["60", "50", "40", "30", "20", "10"]


def test_ctrl_c_ends_it_before_anything_is_changed() -> None:
    """With the exit code of a question that was answered with no."""
    with pytest.raises(Declined, match="nothing was changed"):
        count_down(60, ImpatientClock(), lambda _: None)


def test_the_banner_is_hard_to_overlook() -> None:
    """Its headline stands in a frame."""
    lines = banner("STOP AND READ", ["All goes."]).splitlines()
    assert len({len(line) for line in lines[:3]}) == 1
    assert " STOP AND READ " in lines[1]
    assert lines[3:] == ["All goes."]
