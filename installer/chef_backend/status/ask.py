"""Questions asked all at once, and waited for together: one that hangs costs its own answer only."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from chef_backend.base.clock import Clock
from chef_backend.base.errors import ChefBackendError
from chef_backend.status.model import Failure

_T = TypeVar("_T")


class Questions:
    """Questions whose answers come within `within_s` of now, whatever each of them waits for."""

    def __init__(self, clock: Clock, within_s: float) -> None:
        self._clock = clock
        self._within_s = within_s
        self._deadline = clock.monotonic() + within_s

    def ask(self, question: Callable[[], _T]) -> Callable[[], _T | Failure]:
        """Ask in a thread of its own, which does not keep the program from ending; return what waits for the answer.

        An expected error, or no answer in time, is a Failure.
        """
        future: Future[_T] = Future()

        def work() -> None:
            try:
                future.set_result(question())
            except BaseException as error:  # noqa: BLE001 - it is raised where the answer is waited for
                future.set_exception(error)

        threading.Thread(target=work, daemon=True).start()
        return lambda: self._answer(future)

    def _answer(self, future: Future[_T]) -> _T | Failure:
        try:
            return future.result(max(0.0, self._deadline - self._clock.monotonic()))
        except TimeoutError:
            return Failure(f"no answer within {self._within_s:g} s")
        except ChefBackendError as error:
            return Failure(error.message.partition("\n")[0])
        except OSError as error:
            return Failure(error.strerror or type(error).__name__)
