"""A call that is given up after its time, whatever it waits for."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import TypeVar

from chef_backend.base.errors import TimedOut

_T = TypeVar("_T")


def bounded(call: Callable[[], _T], within_s: float) -> _T:
    """Return what a call returns, or raise what it raises; TimedOut after its time.

    What hangs (a disk, a network file system) cannot be ended; it hangs on in a thread that keeps nobody waiting.
    """
    answers: queue.Queue[Callable[[], _T]] = queue.Queue(1)
    threading.Thread(target=lambda: answers.put(_outcome(call)), daemon=True).start()
    try:
        return answers.get(timeout=within_s)()
    except queue.Empty:
        raise TimedOut(f"it did not end within {within_s:g} s") from None


def _outcome(call: Callable[[], _T]) -> Callable[[], _T]:
    """Return what gives the result of a call where it is asked for."""
    try:
        result = call()
    except Exception as error:  # noqa: BLE001 - raised again by whoever waits for it
        failed = error

        def fail() -> _T:
            raise failed

        return fail
    return lambda: result
