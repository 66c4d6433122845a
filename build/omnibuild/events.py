"""What a running build tells whoever watches: one small value an event, no printing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Planned:
    """The build begins: so many components are cached, so many are to be looked at."""

    cached: int
    pending: int


@dataclass(frozen=True, slots=True)
class Fetching:
    """Bytes of a component's source arrived; ``total`` is None while unknown."""

    name: str
    done: int
    total: int | None


@dataclass(frozen=True, slots=True)
class Arrived:
    """A source of a component is here, whole and verified; ``cached`` when it was before."""

    name: str
    location: str
    size: int
    cached: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """Another process builds the component now; ``holder`` is its id, empty while unknown."""

    name: str
    holder: str


@dataclass(frozen=True, slots=True)
class Started:
    """A component's build started; its output goes to ``log``."""

    name: str
    version: str
    log: Path


@dataclass(frozen=True, slots=True)
class Step:
    """A component's build runs its next command."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A component is in the store; ``reused`` when its bytes were there before."""

    name: str
    version: str
    seconds: float
    size: int
    reused: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """A component could not be built."""

    name: str
    message: str


@dataclass(frozen=True, slots=True)
class Phase:
    """A stage of the pipeline after the components: what is being done, or what it gave."""

    title: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Verified:
    """A package was written, read back and found as it was asked for."""

    path: Path
    size: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Warned:
    """Something worth a look that does not stop the build."""

    message: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The run is over, however it ended: nothing more comes, and what is live is to be cleared away."""


Event = Planned | Fetching | Arrived | Waiting | Started | Step | Finished | Failed | Phase | Verified | Warned | Ended
Listener = Callable[[Event], None]


def ignore(_event: Event) -> None:
    """Listen to nothing."""
