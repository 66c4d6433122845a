"""What is said to the fencer, and what it answers: JSON, a message a packet. Pure, but for the guard it is said to."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from chef_backend.leader.guard import Guard
from chef_backend.leader.model import Held

LONGEST = 4096


class Word(StrEnum):
    """What it can be told; but for STATE each is a method of Deadline."""

    BEGIN = "begin"
    EXTEND = "extend"
    OPEN = "open"
    CLOSE = "close"
    END = "end"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Reply:
    """Whether it was done, and the leadership that it guards now."""

    done: bool
    held: Held | None = None


def asked(word: Word, held: Held | None = None, reason: str = "") -> bytes:
    """Return a request."""
    return json.dumps({"do": word, "held": held and asdict(held), "reason": reason[: LONGEST // 8]}).encode()


def answered(message: bytes, guard: Guard) -> bytes:
    """Do what a request says, and return the reply; ValueError, KeyError or TypeError for what is no request."""
    document = json.loads(message)
    done = _done(Word(document["do"]), _held(document["held"]), str(document["reason"]), guard)
    return json.dumps({"done": done, "held": guard.held and asdict(guard.held)}).encode()


def read(message: bytes) -> Reply:
    """Read a reply; ValueError, KeyError or TypeError for what is none."""
    document = json.loads(message)
    return Reply(bool(document["done"]), _held(document["held"]))


def _done(word: Word, held: Held | None, reason: str, guard: Guard) -> bool:
    match word, held:
        case Word.BEGIN, Held():
            return guard.begin(held)
        case Word.EXTEND, Held():
            return guard.extend(held)
        case Word.OPEN, _:
            return guard.open()
        case Word.CLOSE, _:
            return guard.close(reason)
        case Word.END, _:
            guard.end()
            return True
        case Word.STATE, _:
            return True
        case _:
            raise ValueError(f"{word} without a leadership")


def _held(found: Any) -> Held | None:  # noqa: ANN401 - JSON
    return None if found is None else Held(int(found["revision"]), int(found["epoch"]), float(found["deadline"]))
