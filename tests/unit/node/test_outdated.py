"""The tests' hosts leave room on the disk, and everybody who works on the machine their images."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from outdated import KEPT, outdated

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def made(*minutes_ago: int) -> dict[str, datetime]:
    return {f"{minutes} min": NOW - timedelta(minutes=minutes) for minutes in minutes_ago}


def test_the_newest_images_stay_whatever_their_age() -> None:
    assert KEPT == 3
    assert outdated(made(9000, 500, 700, 600), NOW) == ["9000 min"]


def test_young_images_stay_whatever_their_number() -> None:
    assert outdated(made(1, 2, 3, 4, 59, 61), NOW) == ["61 min"]
