"""The whole search: annealing by moves and by ruin and recreate in turn, one thread per core.

First each thread makes plans of its own; then they breed: a child takes most routes from one of
the best plans and some neighbouring ones from another, and a short fall of the temperature mends
the seams. After each phase all threads share what they found. The phases go by elapsed time, or by
the number of tries when an iteration budget is given; then the result depends on nothing but the
instance, the seed and the number of cores. The kernels run without the interpreter's lock, so
threads are enough.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from songbai.domain.dispatch.solver.anneal import anneal
from songbai.domain.dispatch.solver.construct import append_all
from songbai.domain.dispatch.solver.instance import Cost, Instance, Solution
from songbai.domain.dispatch.solver.mix import mix
from songbai.domain.dispatch.solver.ruin import wreck
from songbai.domain.dispatch.solver.schedule import Phase, phases
from songbai.domain.dispatch.solver.timing import lateness_of, time_all, travel_of, worst_of
from songbai.domain.dispatch.solver.visits import (
    BEST,
    LATE,
    TRAVEL,
    WORST,
    Day,
    Visits,
    Words,
    Work,
    as_visits,
    day_of,
    routes_of,
    work_of,
)

#: Moves are judged a little warmer than rounds of ruin and recreate.
WARMER = 1.5
#: One turn: so many moves, then so many rounds of ruin and recreate.
MOVES, RUINS = 12_000, 240
#: Tries of one core that stand for a second in dividing an iteration budget.
TRIES_PER_SECOND = 2_000_000
#: How many of the best plans have children.
PARENTS = 6
#: Seconds of loading kernels that count as search; compiling them the first time does not.
MOST_LOADING = 1.0


@dataclass(frozen=True)
class Effort:
    """How long to search.

    Attributes:
        seconds: wall time, counted from the call of ``search``.
        iterations: tries per core; given, it replaces the time and makes the search repeatable.
        cores: threads.
        seed: the same seed and iterations give the same plan.
        clock: what tells the time; a CPU clock compares variants on a busy machine.
    """

    seconds: float = 10.0
    iterations: int | None = None
    cores: int = 1
    seed: int = 1
    clock: Callable[[], float] = time.monotonic

    def phases(self, services: int) -> tuple[Phase, ...]:
        """How the effort is divided for a day of ``services``."""
        if self.iterations is None:
            return phases(self.seconds, services)
        return phases(self.iterations / TRIES_PER_SECOND, services)


@dataclass(frozen=True)
class Progress:
    """What the search tells now and then: share of the effort, best cost so far in minutes."""

    share: float
    cost: float


class Found(NamedTuple):
    """A plan that was the best of its phase: cost in ticks, records as bare words."""

    cost: int
    plan: Words


@dataclass
class _Shared:
    """What the threads share."""

    effort: Effort
    began: float
    progress: Callable[[Progress], bool] | None
    barrier: threading.Barrier
    found: list[Found]
    stop: bool = False


def search(
    instance: Instance, effort: Effort, progress: Callable[[Progress], bool] | None = None
) -> Solution:
    """Plan the day; the best plan found when the effort is spent.

    Args:
        instance: the day.
        effort: time or iterations, threads, seed.
        progress: called now and then; the search stops early when it returns False.
    """
    began = effort.clock()
    day = day_of(instance)
    works = [work_of(instance, effort.seed * 1000 + core) for core in range(effort.cores)]
    start(instance, day, works[0])
    _turn(day, works[0], 0, 0, 0.0)  # compiled now, or read from the cache
    began = max(began, effort.clock() - MOST_LOADING)
    first = _found(works[0])
    shared = _Shared(
        effort, began, progress, threading.Barrier(effort.cores), [first] * effort.cores
    )
    walkers = [_Walker(core, instance, day, work, shared) for core, work in enumerate(works)]
    if effort.cores == 1:
        walkers[0].run()
    else:
        with ThreadPoolExecutor(effort.cores) as threads:
            jobs = [threads.submit(walker.run) for walker in walkers]
        for job in jobs:
            job.result()
    return solution(instance, as_visits(walkers[0].best[0].plan))


def start(instance: Instance, day: Day, work: Work) -> None:
    """Make the first plan: visits by window, each appended where it costs least."""
    order = np.argsort(instance.opens, kind="stable")
    first = (instance.partner[order] < 0) | (instance.partner[order] > order)
    append_all(work.visits, day.able, day.travel, order[first])
    time_all(work.visits, day.travel, instance.services)
    _go_on(work, day)


def _go_on(work: Work, day: Day) -> None:
    """Count the cost of the plan in ``work.visits`` afresh; it is the best so far."""
    work.best[:] = work.words
    work.tally[TRAVEL] = travel_of(work.visits, day.travel)
    work.tally[LATE] = lateness_of(work.visits)
    work.tally[WORST] = worst_of(work.visits)
    work.tally[BEST] = work.tally[:3].sum()


def _found(work: Work) -> Found:
    return Found(int(work.tally[BEST]), work.best.copy())


def _turn(day: Day, work: Work, moves: int, ruins: int, heat: float) -> None:
    anneal(day, work, moves, heat * WARMER)
    wreck(day, work, ruins, heat)


@dataclass
class _Walker:
    """One thread of the search."""

    core: int
    instance: Instance
    day: Day
    work: Work
    shared: _Shared
    best: list[Found] = field(default_factory=list)
    tries: int = 0

    def __post_init__(self) -> None:
        self.first = self.shared.found[self.core]
        self.draw = np.random.default_rng([self.shared.effort.seed, self.core])
        self.near = near_distance(self.instance.travel)

    def run(self) -> None:
        """All phases; ``best`` holds the best plans of all threads then, best first."""
        try:
            for phase in self.shared.effort.phases(self.instance.services):
                self._begin(phase)
                self._fall(phase)
                self._meet()
                if self.shared.stop:
                    return
        except BaseException:
            self.shared.stop = True
            self.shared.barrier.abort()  # or the other threads would wait for ever
            raise

    def _begin(self, phase: Phase) -> None:
        """Take the first plan, or a child of two of the best."""
        if phase.fresh:
            self.work.words[:] = self.first.plan
        else:
            few = len(self.best)
            better = self.best[int(few * self.draw.random() ** 2)]
            other = self.best[int(few * self.draw.random())]
            parents = as_visits(better.plan), as_visits(other.plan)
            if better is other or not mix(self.instance, self.day, self.work, *parents, self.draw):
                self.work.words[:] = better.plan
        _go_on(self.work, self.day)

    def _fall(self, phase: Phase) -> None:
        """Search while the temperature falls."""
        while not self.shared.stop:
            share = self._share()
            if share >= phase.end:
                return
            heat = self.near * phase.heat(share)
            _turn(self.day, self.work, MOVES, RUINS, heat)
            self.tries += MOVES + RUINS
            if self.core == 0 and self.shared.progress is not None:
                self._tell(self.shared.progress)

    def _meet(self) -> None:
        """Wait for the other threads and take over what they found."""
        self.shared.found[self.core] = _found(self.work)
        self.shared.barrier.wait()
        by_cost = {found.cost: found for found in [*self.shared.found, *self.best]}
        self.best = [by_cost[cost] for cost in sorted(by_cost)[:PARENTS]]
        self.shared.barrier.wait()

    def _share(self) -> float:
        effort = self.shared.effort
        if effort.iterations is not None:
            return self.tries / max(1, effort.iterations)
        return (effort.clock() - self.shared.began) / max(1e-9, effort.seconds)

    def _tell(self, progress: Callable[[Progress], bool]) -> None:
        least = min([int(self.work.tally[BEST]), *(found.cost for found in self.best[:1])])
        if not progress(Progress(self._share(), least / 3000)):
            self.shared.stop = True


def near_distance(travel: NDArray[np.int32]) -> float:
    """Mean travel to the five nearest other places, ticks, at least 1; the scale of temperature."""
    others = travel + np.eye(len(travel), dtype=np.int64) * 10**9
    nearest = np.sort(others, axis=1)[:, : min(5, len(travel) - 1)]
    return max(1.0, float(nearest.mean())) if nearest.size else 1.0


def solution(instance: Instance, visits: Visits) -> Solution:
    """Read the plan out of the working form, timed again from nothing."""
    n = instance.services
    plan = visits.copy()
    if not time_all(plan, instance.travel, n):
        raise AssertionError("the best plan waits in a circle")
    cost = Cost(int(travel_of(plan, instance.travel)), int(lateness_of(plan)), int(worst_of(plan)))
    return Solution(routes_of(plan, n), np.array(plan["start"][:n], dtype=np.int64), cost)
