"""Whether a certificate is to be made. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_DAY_S: Final = 86_400
_MOST_BEFORE_S: Final = 30 * _DAY_S
_PART: Final = 10


@dataclass(frozen=True, slots=True)
class Facts:
    """What is there: `ends_at` in seconds of the epoch, None for no certificate; `matches` compares the keys.

    `is_open` says that another user than the certificate's may read or replace the key, whose owner and mode follow.
    """

    has_certificate: bool
    has_key: bool
    ends_at: float | None = None
    matches: bool = False
    is_open: bool = False
    key_uid: int = 0
    key_mode: int = 0o600


class Reason(StrEnum):
    """Why a certificate is to be made."""

    MISSING = "there is none"
    UNREADABLE = "it could not be read"
    OTHER_KEY = "it does not belong to its key"
    OPEN = "others may have read its key"
    ENDS_SOON = "it ends soon"


def due(facts: Facts, now: float, duration_days: int) -> Reason | None:
    """Return why a certificate of this duration is to be made now, None while it is good.

    It is renewed a tenth of its time before it ends, but at most 30 days.
    """
    if not (facts.has_certificate and facts.has_key):
        return Reason.MISSING
    if facts.ends_at is None:
        return Reason.UNREADABLE
    if not facts.matches:
        return Reason.OTHER_KEY
    if facts.is_open:
        return Reason.OPEN  # PostgreSQL, too, refuses such a key
    before_s = min(_MOST_BEFORE_S, duration_days * _DAY_S / _PART)
    return Reason.ENDS_SOON if facts.ends_at - before_s <= now else None
