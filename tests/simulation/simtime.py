"""Simulated time: programs that wait for each other in it run one at a time, always in the same order.

A program is a thread that runs until it sleeps on the simulated clock; everything that it waits for (a server's
answer, its next turn) is such a sleep. So one may be stopped, or ended, wherever it waits.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

_START = datetime(2026, 1, 1, tzinfo=UTC)
_STUCK_S = 60


class Ended(BaseException):
    """The program was killed while it waited."""


@dataclass
class Program:
    """One thread; while it is stopped it does not go on before `stopped_until`."""

    name: str
    work: Callable[[], None]
    stopped_until: float = 0.0
    killed: bool = False
    over: bool = False
    is_resting: bool = False
    wakes: int = 0
    error: BaseException | None = None
    goes_on: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))


class Simulation:
    """The clock, and all that happens; `check` is called after every single thing."""

    def __init__(self, check: Callable[[], None] = lambda: None) -> None:
        self.check = check
        self._now = 0.0
        self._order = count()
        self._events: list[tuple[float, bool, int, Callable[[], None]]] = []
        self._current: Program | None = None
        self._yields = threading.Semaphore(0)
        self._programs: list[Program] = []

    # The Clock of everything that is simulated.
    def monotonic(self) -> float:
        """Return the simulated seconds."""
        return self._now

    def now(self) -> datetime:
        """Return the simulated time."""
        return _START + timedelta(seconds=self._now)

    def sleep(self, seconds: float) -> None:
        """Let the others go on until the time is over; Ended when the program was killed meanwhile."""
        program = self._current
        assert program is not None, "only a program sleeps"
        self._wake(program, max(0.0, seconds))
        self._yields.release()
        assert program.goes_on.acquire(timeout=_STUCK_S)
        if program.killed:
            raise Ended

    def rest(self, seconds: float) -> None:
        """Sleep, unless roused."""
        program = self._current
        assert program is not None, "only a program rests"
        program.is_resting = True
        self.sleep(seconds)
        program.is_resting = False

    def rouse(self, program: Program) -> None:
        """Have a program that rests go on now."""
        if program.is_resting and not program.killed:
            self._wake(program, 0.0)

    def at(self, when: float, what: Callable[[], None], *, ahead: bool = False) -> None:
        """Have something happen; of what is at the same moment, what is ahead comes first."""
        heapq.heappush(self._events, (max(when, self._now), not ahead, next(self._order), what))

    def every(self, seconds: float, what: Callable[[], None]) -> None:
        """Have something happen again and again."""

        def again() -> None:
            what()
            self.at(self._now + seconds, again)

        self.at(self._now + seconds, again)

    def start(self, name: str, work: Callable[[], None]) -> Program:
        """Start a program, which begins at once."""
        program = Program(name, work)
        self._programs.append(program)
        threading.Thread(target=self._run, args=(program,), daemon=True).start()
        self._wake(program, 0.0)
        return program

    def kill(self, program: Program) -> None:
        """End a program where it waits."""
        if not program.over and not program.killed:
            program.killed = True
            self._switch(program)

    def stop(self, program: Program, seconds: float) -> None:
        """Keep a program from going on for that long."""
        program.stopped_until = max(program.stopped_until, self._now + seconds)

    def run_until(self, end: float) -> None:
        """Let time pass."""
        while self._events and self._events[0][0] <= end:
            self._now, _behind, _order, what = heapq.heappop(self._events)
            what()
            self.check()
        self._now = end

    def close(self) -> None:
        """End all programs."""
        for program in self._programs:
            self.kill(program)

    def _wake(self, program: Program, seconds: float) -> None:
        program.wakes += 1
        number = program.wakes

        def go_on() -> None:
            if number != program.wakes:
                return
            if self._now < program.stopped_until:
                self.at(program.stopped_until, go_on)
            elif not program.killed:
                self._switch(program)

        self.at(self._now + seconds, go_on)

    def _switch(self, program: Program) -> None:
        """Let a program run until it sleeps or is over."""
        self._current = program
        program.goes_on.release()
        assert self._yields.acquire(timeout=_STUCK_S), f"{program.name} never sleeps"
        self._current = None
        if program.error is not None:
            raise program.error

    def _run(self, program: Program) -> None:
        assert program.goes_on.acquire(timeout=_STUCK_S * 10)
        try:
            if not program.killed:
                program.work()
        except Ended:
            pass
        except BaseException as error:  # noqa: BLE001 - raised again in the test's own thread
            program.error = error
        program.over = True
        self._yields.release()
