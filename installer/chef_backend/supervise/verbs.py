"""Orders that are waited for, and the lines that tell how they went, word for word as sv(8) has them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from chef_backend.base.clock import Clock, wait_for
from chef_backend.base.errors import TimedOut
from chef_backend.supervise.state import Phase, Process, ServiceState
from chef_backend.supervise.supervisor import Order, Supervisor

WAIT_S = 7.0
_EVERY_S = 0.1
_ORDER_OF_START = ("etcd", "postgresql", "elasticsearch", "leaderl")


def start_order(services: Iterable[str]) -> list[str]:
    """Return services in the order they are started in: what others need first, unknown ones last."""
    rank = {name: number for number, name in enumerate(_ORDER_OF_START)}
    return sorted(services, key=lambda name: (rank.get(name, len(rank)), name))


def stop_order(services: Iterable[str]) -> list[str]:
    """Return services in the order they are stopped in."""
    return start_order(services)[::-1]


class Verb(Enum):
    """What an operator can tell a service: the order, what is waited for, if anything, and what runsv wants then."""

    START = (Order.UP, "up", "up")
    STOP = (Order.DOWN, "down", "down")
    RESTART = (Order.RESTART, "again", "up")
    ONCE = (Order.ONCE, "up", "down")
    UP = (Order.UP, "")
    DOWN = (Order.DOWN, "")
    PAUSE = (Order.PAUSE, "paused")
    CONT = (Order.CONT, "resumed")
    HUP = (Order.HUP, "")
    ALARM = (Order.ALARM, "")
    INT = (Order.INT, "")
    QUIT = (Order.QUIT, "")
    USR1 = (Order.USR1, "")
    USR2 = (Order.USR2, "")
    TERM = (Order.TERM, "")
    KILL = (Order.KILL, "")

    def __init__(self, order: Order, until: str, want: str = "") -> None:
        self.order = order
        self.until = until
        self.want = want

    @property
    def waits(self) -> bool:
        """Whether what it brings about is waited for."""
        return bool(self.until)

    def in_order(self, services: Iterable[str]) -> list[str]:
        """Return services in the order in which they are told: what ends first is what needs the others."""
        ends = self.order in {Order.DOWN, Order.RESTART}
        return stop_order(services) if ends else start_order(services)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an order went; `line` is sv's. `supervised` is false where there is nothing to give orders to."""

    service: str
    ok: bool
    line: str
    supervised: bool = True


def tell(supervisor: Supervisor, service: str, verb: Verb, clock: Clock, *, wait_s: float = WAIT_S) -> Outcome:
    """Give an order and wait for what it is to bring about; an order to a service already so is given all the same."""
    before = supervisor.state(service)
    if before is None or not supervisor.send(service, verb.order):
        return Outcome(service, ok=False, line=f"fail: {service}: runsv not running", supervised=False)
    try:
        after = wait_for(
            service, _reached(supervisor, service, verb, before), within_s=wait_s, clock=clock, every_s=_EVERY_S
        )
    except TimedOut:
        last = supervisor.state(service)
        text = f"{service}: runsv not running" if last is None else described(last, clock.now().timestamp())
        return Outcome(service, ok=False, line=f"timeout: {text}")
    return Outcome(service, ok=True, line=f"ok: {described(after, clock.now().timestamp())}")


def _reached(
    supervisor: Supervisor, service: str, verb: Verb, before: ServiceState
) -> Callable[[], ServiceState | None]:
    def look() -> ServiceState | None:
        state = supervisor.state(service)
        if state is None or (verb.want and state.process.want != verb.want):
            return None  # runsv has not read the order yet
        is_new = state.process.pid != before.process.pid
        reached = {
            "up": state.is_up,
            "down": state.process.phase is Phase.DOWN,
            "paused": state.process.paused or not state.is_up,
            "resumed": not state.process.paused,
            "again": state.is_up and (is_new or not before.is_up),
            "": True,
        }
        return state if reached[verb.until] else None

    return look


def described(state: ServiceState, now: float) -> str:
    """Return a service as sv describes it after an order: `run: etcd: (pid 12) 5s, want down, got TERM`."""
    return _words(state.name, state.process, now, normally_up=state.normally_up)


def status_line(service: str, state: ServiceState | None, now: float) -> str:
    """Return sv's line for a service and its log: `run: etcd: (pid 12) 5s; run: log: (pid 11) 5s`."""
    if state is None:
        return f"fail: {service}: runsv not running"
    line = described(state, now)
    return line if state.log is None else f"{line}; {_words('log', state.log, now, normally_up=True)}"


def _words(name: str, process: Process, now: float, *, normally_up: bool) -> str:
    words = [f"{process.phase}: {name}: " + (f"(pid {process.pid}) " if process.pid else "")]
    words[0] += f"{process.seconds(now)}s"
    is_up = process.phase is Phase.RUN
    words += ["normally down"] if is_up and not normally_up else []
    words += ["normally up"] if process.phase is Phase.DOWN and normally_up else []
    words += ["paused"] if process.paused else []
    words += [f"want {process.want}"] if process.want and (process.want == "up") != is_up else []
    words += ["got TERM"] if process.got_term else []
    return ", ".join(words)
