"""Plan a day, or what is left of it."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from songbai.domain.dispatch.solver.chance import seeded
from songbai.domain.dispatch.solver.day.arrays import Arrays, arrays_of
from songbai.domain.dispatch.solver.day.insert import NOTHING, cost_of, drop_broken, insert_cheapest
from songbai.domain.dispatch.solver.day.problem import (
    Assignment,
    BadProblem,
    Plan,
    Problem,
)
from songbai.domain.dispatch.solver.day.rebuild import improve, insert_all, place_in
from songbai.domain.dispatch.solver.search import MOST_LOADING, Effort, Progress

#: Temperature at the beginning and at the end, in mean minutes to the five nearest places.
HOT, COLD = 3.0, 0.4
ROUNDS = 20


def plan_day(
    problem: Problem,
    effort: Effort | None = None,
    begin_with: Plan | None = None,
    progress: Callable[[Progress], bool] | None = None,
) -> Plan:
    """The best plan found within the effort (``iterations`` are rounds of ruin and recreate).

    Args:
        begin_with: a plan to go on from; what it no longer allows is taken out.

    Raises:
        BadProblem: the pinned visits alone break a hard limit.
    """
    effort = effort or Effort()
    began = effort.clock()
    arrays = arrays_of(problem)
    put_pins(problem, arrays)
    if begin_with is not None:
        follow(problem, arrays, begin_with)
    cost_of(arrays)
    add_missing(arrays)
    points, _ = cost_of(arrays)
    tally = np.array([points, points, 0.0])
    if len(problem.visits):
        _search(arrays, effort, began, tally, progress)
    cost_of(arrays)
    return read_plan(problem, arrays)


def _search(
    arrays: Arrays,
    effort: Effort,
    began: float,
    tally: NDArray[np.float64],
    progress: Callable[[Progress], bool] | None,
) -> None:
    best_order, best_length = arrays.order.copy(), arrays.length.copy()
    first_of, next_of = chains(arrays)
    around = _around(arrays)
    random = seeded(effort.seed)
    near = np.sort(arrays.travel[0] / 60, axis=1)[:, 1:6]
    scale = max(1.0, float(near.mean())) if near.size else 1.0
    fixed = (arrays, best_order, best_length, around, first_of, next_of, random, tally)
    improve(*fixed, 0, 0.0)  # compiled now, or read from the cache
    began = max(began, effort.clock() - MOST_LOADING)
    done = 0
    while True:
        share = (effort.clock() - began) / max(1e-9, effort.seconds)
        rounds = ROUNDS
        if effort.iterations is not None:
            share = done / max(1, effort.iterations)
            rounds = min(ROUNDS, effort.iterations - done)
        if share >= 1 or (progress and not progress(Progress(share, float(tally[1])))):
            break
        improve(*fixed, rounds, scale * HOT * (COLD / HOT) ** share)
        done += rounds
    arrays.order[:], arrays.length[:] = best_order, best_length


def chains(arrays: Arrays) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Members of each group as a chain: the first by group number, then the next by visit."""
    n = len(arrays.stops)
    first, following = np.full(n, -1, np.int32), np.full(n, -1, np.int32)
    last: dict[int, int] = {}
    for v in range(n):
        group = int(arrays.stops["group"][v])
        if group in last:
            following[last[group]] = v
        else:
            first[group] = v
        last[group] = v
    return first, following


def _around(arrays: Arrays) -> NDArray[np.int32]:
    place = arrays.stops["place"]
    there = arrays.travel[0][np.ix_(place, place)].astype(np.float64)
    opens = arrays.stops["opens"].astype(np.float64)
    score = there + there.T + 0.1 * np.abs(opens[:, None] - opens[None, :])
    np.fill_diagonal(score, -1)
    return np.argsort(score, axis=1, kind="stable")[:, :400].astype(np.int32)


def put_pins(problem: Problem, arrays: Arrays) -> None:
    """Put pinned visits where they are pinned, by their time.

    Raises:
        BadProblem: they do not fit together.
    """
    member = {c.id: k for k, c in enumerate(problem.caregivers)}
    pinned = [
        (v.pinned_start or v.earliest, i) for i, v in enumerate(problem.visits) if v.pinned_to
    ]
    for _, i in sorted(pinned):
        visit = problem.visits[i]
        k = member[str(visit.pinned_to)]
        if not np.isfinite(arrays.fit[i, k]):
            raise BadProblem(f"visit {visit.id}: pinned to {visit.pinned_to}, who may not make it")
        place_in(arrays, k, i, int(arrays.length[k]))
    related = {r.first for r in problem.relations} | {r.second for r in problem.relations}
    if any(problem.visits[i].id in related for _, i in pinned):
        _put_relatives(problem, arrays)
    if cost_of(arrays)[1] > 0:
        raise BadProblem(
            "the pinned visits do not fit together: "
            + ", ".join(problem.visits[i].id for _, i in pinned)
        )


def _put_relatives(problem: Problem, arrays: Arrays) -> None:
    """Put visits that must go with a pinned one where they cost least."""
    cost_of(arrays)
    groups = {int(arrays.stops["group"][i]) for i, v in enumerate(problem.visits) if v.pinned_to}
    for i in range(len(problem.visits)):
        if int(arrays.stops["group"][i]) in groups and arrays.stops["route"][i] < 0:
            insert_cheapest(arrays, i)


def follow(problem: Problem, arrays: Arrays, plan: Plan) -> None:
    """Repeat a plan's routes as far as the problem allows."""
    index = {v.id: i for i, v in enumerate(problem.visits)}
    placed = {int(v) for k in range(len(arrays.crew)) for v in arrays.order[k, : arrays.length[k]]}
    for k, caregiver in enumerate(problem.caregivers):
        for assignment in plan.routes.get(caregiver.id, ()):
            i = index.get(assignment.visit)
            if i is None or i in placed or not np.isfinite(arrays.fit[i, k]):
                continue
            if arrays.length[k] < arrays.order.shape[1]:
                at = _number(arrays, k, assignment.start * 60)
                place_in(arrays, k, i, at)
                placed.add(i)
    drop_broken(arrays)


def _number(arrays: Arrays, k: int, start: float) -> int:
    cost_of(arrays)
    starts = arrays.stops["start"][arrays.order[k, : arrays.length[k]]]
    return int(np.searchsorted(starts, start, side="right"))


def add_missing(arrays: Arrays) -> None:
    """Put what is not yet in the plan where it costs least, by opening time."""
    first_of, next_of = chains(arrays)
    groups = np.unique(arrays.stops["group"][arrays.stops["route"] < 0])
    groups = groups[[arrays.stops["route"][first_of[g]] < 0 for g in groups]]
    free = groups[np.argsort(arrays.stops["opens"][first_of[groups]], kind="stable")]
    insert_all(arrays, free.astype(np.int32), len(free), first_of, next_of, NOTHING)


def read_plan(problem: Problem, arrays: Arrays) -> Plan:
    """The plan in the arrays."""
    points, broken = cost_of(arrays)
    if broken:
        raise AssertionError(f"the plan breaks hard limits by {broken} s")
    routes: dict[str, tuple[Assignment, ...]] = {}
    for k, caregiver in enumerate(problem.caregivers):
        stops = [int(v) for v in arrays.order[k, : arrays.length[k]]]
        routes[caregiver.id] = tuple(
            Assignment(
                problem.visits[v].id,
                caregiver.id,
                int(arrays.stops["start"][v]) / 60,
                (int(arrays.stops["start"][v]) + int(arrays.stops["minutes"][v])) / 60,
            )
            for v in stops
        )
    served = {a.visit for route in routes.values() for a in route}
    unserved = tuple(v.id for v in problem.visits if v.id not in served)
    return Plan(routes, unserved, points)
