"""Which images of hosts with an installed package may go: those of packages that were built anew since."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

# An image has 600 MB, and whoever works on the package makes many.
KEPT = 3
# Others may work on this machine, each with packages of their own.
YOUNG = timedelta(hours=1)


def outdated(made_at: Mapping[str, datetime], now: datetime) -> list[str]:
    """Return the images that are neither young nor among the newest."""
    newest_first = sorted(made_at, key=lambda tag: made_at[tag], reverse=True)
    return [tag for tag in newest_first[KEPT:] if now - made_at[tag] > YOUNG]
