"""Only ready components run, within the budget, each once."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibuild.errors import BuildFailed
from omnibuild.graph import closure
from omnibuild.scheduler import Budget, Postponed, Weight, run, startable

BUDGET = Budget(slots=3, memory=100)


@dataclass
class World:
    """A job that records what runs beside what, and fails or postpones where it is told to."""

    edges: dict[str, tuple[str, ...]]
    weights: dict[str, Weight]
    fails: frozenset[str] = frozenset()
    postpone: dict[str, int] = field(default_factory=dict)
    started: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    running: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def job(self, name: str) -> None:
        with self.lock:
            if self.postpone.get(name, 0):
                self.postpone[name] -= 1
                raise Postponed
            self.started.append(name)
            self.running.add(name)
            self._look(name)
        try:
            if name in self.fails:
                raise BuildFailed(name)
        finally:
            with self.lock:
                self.running.discard(name)
                if name not in self.fails:
                    self.ended.append(name)

    def _look(self, name: str) -> None:
        missing = [need for need in self.edges[name] if need not in self.ended]
        if missing:
            self.faults.append(f"{name} before {missing}")
        if len(self.running) > BUDGET.slots:
            self.faults.append(f"{len(self.running)} at once")
        memory = sum(self.weights[other].memory for other in self.running)
        if memory > BUDGET.memory and len(self.running) > 1:
            self.faults.append(f"{memory} bytes at once")


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Return a random acyclic graph with random weights."""
    names = [f"c{number}" for number in range(draw(st.integers(1, 12)))]
    edges = {n: tuple(draw(st.sets(st.sampled_from(names[:i])))) if i else () for i, n in enumerate(names)}
    weight = st.builds(Weight, st.floats(0, 100), st.integers(0, 150))
    return World(edges, {name: draw(weight) for name in names}, draw(st.frozensets(st.sampled_from(names), max_size=3)))


@settings(max_examples=50, deadline=None)
@given(worlds())
def test_everything_runs_once_when_nothing_fails(world: World) -> None:
    """Every component runs exactly once, after its dependencies, within slots and memory."""
    world.fails = frozenset()
    assert run(world.edges, world.job, budget=BUDGET, weights=world.weights) == {}
    assert sorted(world.started) == sorted(world.edges)
    assert world.faults == []


@settings(max_examples=50, deadline=None)
@given(worlds())
def test_keep_going_runs_all_that_a_failure_does_not_reach(world: World) -> None:
    """With keep_going exactly those run whose dependencies all succeeded."""
    failures = run(world.edges, world.job, budget=BUDGET, weights=world.weights, keep_going=True)
    reached = {name for name in world.edges if (closure(world.edges, [name]) - {name}) & world.fails}
    assert sorted(world.started) == sorted(world.edges.keys() - reached)
    assert failures.keys() == world.fails - reached
    assert world.faults == []


@settings(max_examples=50, deadline=None)
@given(worlds())
def test_after_a_failure_nothing_that_needs_it_runs(world: World) -> None:
    """Without keep_going the run ends, with what failed by then."""
    failures = run(world.edges, world.job, budget=BUDGET, weights=world.weights)
    assert failures.keys() <= world.fails
    assert bool(failures) == bool(world.fails)
    for name in world.started:
        assert not (closure(world.edges, [name]) - {name}) & world.fails
    assert len(set(world.started)) == len(world.started)


names = st.lists(st.sampled_from("abcdefgh"), unique=True)


@given(names, names, st.dictionaries(st.sampled_from("abcdefgh"), st.builds(Weight, st.just(1.0), st.integers(0, 200))))
def test_startable_keeps_the_budget(waiting: list[str], running: list[str], weights: dict[str, Weight]) -> None:
    """What is chosen fits into slots and memory, unless it is alone; something starts when nothing runs."""
    chosen = startable(waiting, running, BUDGET, weights)
    assert set(chosen) <= set(waiting)
    together = [*running, *chosen]
    if chosen:
        assert len(together) <= BUDGET.slots
        assert len(together) == 1 or sum(weights.get(n, Weight()).memory for n in together) <= BUDGET.memory
    assert chosen or not waiting or running


def test_the_longest_way_goes_first() -> None:
    """Of the ready ones, that with the longest chain behind it starts first."""
    world = World(
        {"short": (), "long": (), "after": ("long",)}, {n: Weight(1.0, 1) for n in ("short", "long", "after")}
    )
    run(world.edges, world.job, budget=Budget(1, 100), weights=world.weights)
    assert world.started[0] == "long"


def test_one_too_large_for_the_budget_runs_alone() -> None:
    """A component that needs more memory than there is still gets its turn, by itself."""
    weights = {"huge": Weight(1.0, 10_000), "a": Weight(1.0, 10), "b": Weight(1.0, 10)}
    world = World(dict.fromkeys(weights, ()), weights)
    run(world.edges, world.job, budget=BUDGET, weights=weights)
    assert sorted(world.started) == ["a", "b", "huge"]
    assert world.faults == []


def test_a_postponed_component_is_asked_for_again_without_spinning() -> None:
    """While another process builds it, the run waits; it does not burn a processor meanwhile."""
    world = World({"a": ()}, {"a": Weight()}, postpone={"a": 2})
    before = time.process_time()
    assert run(world.edges, world.job, budget=BUDGET, weights=world.weights) == {}
    assert world.started == ["a"]
    assert time.process_time() - before < 0.2


def test_postponed_ones_do_not_hold_others_up() -> None:
    """Whatever else is ready runs while one waits for another process."""
    world = World({"a": (), "b": (), "c": ("b",)}, {n: Weight(1.0, 1) for n in "abc"}, postpone={"a": 1})
    run(world.edges, world.job, budget=BUDGET, weights=world.weights)
    assert world.started == ["b", "c", "a"]


def test_a_gate_holds_its_component_back() -> None:
    """A component waits for its source; others do not."""
    gate: Future[None] = Future()
    world = World({"gated": (), "free": ()}, {n: Weight(1.0, 1) for n in ("gated", "free")})

    def job(name: str) -> None:
        world.job(name)
        if name == "free":
            gate.set_result(None)

    run(world.edges, job, budget=BUDGET, weights=world.weights, gates={"gated": gate})
    assert world.started == ["free", "gated"]


@pytest.mark.parametrize("raised", [KeyboardInterrupt, ValueError])
def test_an_unexpected_end_stops_the_jobs_before_it_waits_for_them(raised: type[BaseException]) -> None:
    """An interruption ends running jobs at once; it is raised after they have ended."""
    stopped = threading.Event()

    def job(name: str) -> None:
        if name == "bad":
            raise raised
        assert stopped.wait(10)

    with pytest.raises(raised):
        run(
            {"bad": (), "slow": ()},
            job,
            budget=BUDGET,
            weights={n: Weight(1.0, 1) for n in ("bad", "slow")},
            stop=stopped.set,
        )
    assert stopped.is_set()


def test_nothing_to_do() -> None:
    """An empty graph is done at once."""
    assert run({}, lambda _name: None, budget=BUDGET, weights={}) == {}
