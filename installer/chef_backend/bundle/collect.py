"""One item collected: it takes its time and its size at most, and a failure is a line in the manifest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, assert_never

import requests

from chef_backend.base.clock import Clock
from chef_backend.base.errors import ChefBackendError
from chef_backend.base.log import printable
from chef_backend.bundle.bounded import bounded
from chef_backend.bundle.item import Copy, Item, Made, Page, Program
from chef_backend.bundle.scan import Scan
from chef_backend.bundle.world import Got, World

_PROBLEM_MAX: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What became of an item: `kept` is how much of it goes in, None when nothing does, and `problem` says why.

    `size` is what it had before it was cut, `code` a program's exit code or an answer's HTTP status.
    """

    path: str
    source: str
    began: datetime
    seconds: float = 0.0
    kept: int | None = None
    size: int = 0
    code: int | None = None
    masked: int = 0
    problem: str = ""


def collect(item: Item, world: World, scan: Scan, clock: Clock) -> tuple[Collected, bytes]:
    """Return what became of an item, and what it gave, without any secret; never raises for a failure of the item."""
    began, at = clock.now(), clock.monotonic()
    entry, content = Collected(path=item.path, source=item.source, began=began), b""
    try:
        got = _get(item, world)
    except requests.RequestException as error:
        entry = replace(entry, problem=type(error).__name__)
    except (OSError, TypeError, ValueError) as error:
        entry = replace(entry, problem=f"{type(error).__name__}: {error}")
    except ChefBackendError as error:
        entry = replace(entry, problem=error.message.partition("\n")[0])
    else:
        cleaned = scan.clean(got.content[-item.limit :])
        content, kept = cleaned.content, None if cleaned.withheld else len(cleaned.content)
        entry = replace(entry, kept=kept, size=got.size, code=got.code, masked=cleaned.masked, problem=cleaned.withheld)
    return replace(entry, seconds=clock.monotonic() - at, problem=_shown(entry.problem, scan)), content


def _get(item: Item, world: World) -> Got:
    match item:
        case Program():
            return world.run(item)  # it is killed after its time
        case Copy():
            return bounded(lambda: world.tail(item.file, item.limit), item.within_s)
        case Page():
            return bounded(lambda: world.ask(item), item.within_s)
        case Made():
            content = bounded(item.make, item.within_s)
            return Got(content, len(content))
        case _:
            assert_never(item)


def _shown(problem: str, scan: Scan) -> str:
    """Return a problem on one line, short, and without any secret."""
    shown = printable(problem)[:_PROBLEM_MAX].encode(errors="replace")
    return scan.clean(shown).content.decode(errors="replace") or ("it cannot be shown" if problem else "")
