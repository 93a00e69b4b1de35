"""The whole search: annealing by moves and by ruin and recreate in turn, one thread per core.

The temperature falls with elapsed time, or with the number of moves when an iteration budget is
given; then the result depends on nothing but the instance, the seed and the number of cores. The
kernels run without the interpreter's lock, so threads are enough.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from songbai.domain.dispatch.solver.anneal import anneal
from songbai.domain.dispatch.solver.compiled import kernel
from songbai.domain.dispatch.solver.construct import append_all
from songbai.domain.dispatch.solver.instance import Cost, Instance, Solution
from songbai.domain.dispatch.solver.ruin import wreck
from songbai.domain.dispatch.solver.timing import lateness_of, time_all, travel_of, worst_of
from songbai.domain.dispatch.solver.visits import (
    BEST,
    LATE,
    TRAVEL,
    WORST,
    Day,
    Visits,
    Work,
    day_of,
    routes_of,
    work_of,
)

#: Temperature at the beginning and at the end, in mean distances to the five nearest places.
HOT, COLD = 2.5, 0.12
#: Moves are judged a little warmer than rounds of ruin and recreate.
WARMER = 1.5
#: One turn: so many moves, so many rounds of ruin and recreate.
MOVES, RUINS = 3000, 20
TURNS = 6
#: Seconds of loading kernels that count as search; compiling them the first time does not.
MOST_LOADING = 1.0
#: Seconds of one thread that a cycle wants per service; what is left becomes further cycles.
SECONDS_PER_SERVICE = 0.05
MOVES_PER_SECOND = 2_000_000
MOST_CYCLES = 8


@dataclass(frozen=True)
class Effort:
    """How long to search.

    Attributes:
        seconds: wall time, counted from the call of ``search``.
        iterations: moves per core; given, it replaces the time and makes the search repeatable.
        cores: threads.
        seed: the same seed and iterations give the same plan.
        clock: what tells the time; a CPU clock compares variants on a busy machine.
    """

    seconds: float = 10.0
    iterations: int | None = None
    cores: int = 1
    seed: int = 1
    clock: Callable[[], float] = time.monotonic


@dataclass(frozen=True)
class Progress:
    """What the search tells now and then: share of the effort, best cost so far in minutes."""

    share: float
    cost: float


@dataclass
class _Exchange:
    """What the threads share."""

    effort: Effort
    began: float
    barrier: threading.Barrier
    best: list[Visits]
    value: list[int]
    progress: Callable[[Progress], bool] | None
    stop: bool = False


@kernel
def turn(day, work, turns, heat):
    """Some turns of moves and of ruin and recreate at one temperature."""
    for _ in range(turns):
        anneal(day, work, MOVES, heat * WARMER)
        wreck(day, work, RUINS, heat)


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
    turn(day, works[0], 0, 0.0)  # compiled now, or read from the cache
    began = max(began, effort.clock() - MOST_LOADING)
    shared = _Exchange(
        effort,
        began,
        threading.Barrier(effort.cores),
        [w.best for w in works],
        [0] * effort.cores,
        progress,
    )
    for work in works[1:]:
        _adopt(work, works[0].visits, day)
    if effort.cores == 1:
        _run(0, instance, day, works[0], shared)
    else:
        with ThreadPoolExecutor(effort.cores) as threads:
            jobs = [
                threads.submit(_run, core, instance, day, work, shared)
                for core, work in enumerate(works)
            ]
            for job in jobs:
                job.result()
    return solution(instance, min(works, key=lambda w: int(w.tally[BEST])).best)


def start(instance: Instance, day: Day, work: Work) -> None:
    """Make the first plan: visits by window, each appended where it costs least."""
    order = np.argsort(instance.opens, kind="stable")
    first = (instance.partner[order] < 0) | (instance.partner[order] > order)
    append_all(work.visits, day.able, day.travel, order[first])
    time_all(work.visits, day.travel, instance.services)
    _adopt(work, work.visits, day)


def _adopt(work: Work, visits: Visits, day: Day) -> None:
    """Go on from a given plan."""
    work.visits[:] = visits
    work.best[:] = visits
    work.tally[TRAVEL] = travel_of(visits, day.travel)
    work.tally[LATE] = lateness_of(visits)
    work.tally[WORST] = worst_of(visits)
    work.tally[BEST] = work.tally[:3].sum()


def cycles_of(effort: Effort, services: int) -> int:
    """How many times the temperature falls: long days want one slow fall."""
    seconds = effort.seconds
    if effort.iterations is not None:
        seconds = effort.iterations / MOVES_PER_SECOND
    wanted = int(seconds / (SECONDS_PER_SERVICE * max(1, services)))
    return max(1, min(MOST_CYCLES, wanted))


def _run(core: int, instance: Instance, day: Day, work: Work, shared: _Exchange) -> None:
    """One thread: cycles of falling temperature; between cycles the best plan is passed on."""
    near = np.sort(instance.travel + np.eye(len(instance.travel), dtype=np.int64) * 10**9, axis=1)
    mean = max(1.0, float(near[:, : min(5, len(near) - 1)].mean())) if len(near) > 1 else 1.0
    cycles = cycles_of(shared.effort, instance.services)
    moves = 0
    for cycle in range(cycles):
        while True:
            share = _share(shared, moves) * cycles - cycle
            if share >= 1 or shared.stop:
                break
            heat = mean * HOT * (COLD / HOT) ** max(0.0, share)
            turn(day, work, TURNS, heat)
            moves += TURNS * (MOVES + RUINS)
            if core == 0 and shared.progress is not None:
                told = Progress(_share(shared, moves), work.tally[BEST] / 3000)
                shared.stop = not shared.progress(told)
        if cycle + 1 < cycles:
            _pass_on(core, day, work, shared)


def _pass_on(core: int, day: Day, work: Work, shared: _Exchange) -> None:
    """Wait for the other threads; the first goes on from the best plan, the others from theirs."""
    shared.value[core] = int(work.tally[BEST])
    shared.barrier.wait()
    leader = int(np.argmin(shared.value))
    chosen = shared.best[leader if core == 0 else core].copy()
    shared.barrier.wait()
    _adopt(work, chosen, day)


def _share(shared: _Exchange, moves: int) -> float:
    effort = shared.effort
    if effort.iterations is not None:
        return moves / max(1, effort.iterations)
    return (effort.clock() - shared.began) / max(1e-9, effort.seconds)


def solution(instance: Instance, visits: Visits) -> Solution:
    """Read the plan out of the working form, timed again from nothing."""
    n = instance.services
    plan = visits.copy()
    if not time_all(plan, instance.travel, n):
        raise AssertionError("the best plan waits in a circle")
    cost = Cost(int(travel_of(plan, instance.travel)), int(lateness_of(plan)), int(worst_of(plan)))
    return Solution(routes_of(plan, n), np.array(plan["start"][:n], dtype=np.int64), cost)
