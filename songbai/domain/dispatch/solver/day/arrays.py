"""A problem as typed arrays for the kernels; seconds and points per second."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from songbai.domain.dispatch.solver.day.problem import Caregiver, Problem, Visit, Weights

#: Later than any day.
NEVER = 10**9
STOP = np.dtype(
    [
        ("place", np.int32),
        ("end_place", np.int32),
        ("minutes", np.int64),  # all times in seconds
        ("opens", np.int64),
        ("closes", np.int64),
        ("floor", np.int64),  # not before, because of a related visit
        ("start", np.int64),
        ("announced", np.int64),  # -1: nothing was told
        ("late_price", np.float64),  # per second
        ("moved_price", np.float64),  # per second
        ("unserved_price", np.float64),
        ("route", np.int32),  # -1: nobody
        ("amount", np.int32),
        ("group", np.int32),  # related visits share it
        ("pinned", np.int8),
        ("hard", np.int8),
        ("tied", np.int8),  # has a related visit
    ],
    align=True,
)
CREW = np.dtype(
    [
        ("start_place", np.int32),
        ("end_place", np.int32),  # -1: need not come back
        ("refill_place", np.int32),  # -1: cannot refill
        ("mode", np.int32),
        ("capacity", np.int64),  # -1: without limit
        ("load", np.int64),  # used at the start
        ("starts", np.int64),
        ("ends", np.int64),
        ("overtime", np.int64),
        ("refill", np.int64),
        ("fair_work", np.int64),
        ("fair_travel", np.int64),
        ("rests", np.int32),
        ("earliest", np.int64, (2,)),
        ("latest", np.int64, (2,)),
        ("rest", np.int64, (2,)),
        ("travel_price", np.float64),
        ("wait_price", np.float64),
        ("overtime_price", np.float64),
        ("work_price", np.float64),
        ("long_way_price", np.float64),
        ("used_price", np.float64),
    ],
    align=True,
)
RELATION = np.dtype(
    [
        ("first", np.int32),
        ("second", np.int32),
        ("least", np.int64),
        ("most", np.int64),
        ("same", np.int8),  # 1 together, 0 two people, -1 no matter
    ],
    align=True,
)


class Arrays(NamedTuple):
    """The problem for the kernels, and the plan they work on; they get it whole.

    Attributes:
        fit: (n, k) price of the caregiver for the visit, infinite when not allowed.
        order: (k, room) visits in driving order; ``length`` (k,) how many count.
    """

    stops: NDArray[Any]
    crew: NDArray[Any]
    relations: NDArray[Any]
    travel: NDArray[np.int32]
    fit: NDArray[np.float64]
    order: NDArray[np.int32]
    length: NDArray[np.int32]
    route_cost: NDArray[np.float64]


def seconds(minutes: float) -> int:
    """Minutes as whole seconds."""
    return round(minutes * 60)


def arrays_of(problem: Problem) -> Arrays:
    """Build the arrays with an empty plan."""
    n, k = len(problem.visits), len(problem.caregivers)
    stops = np.recarray(n, dtype=STOP)
    crew = np.recarray(k, dtype=CREW)
    for i, visit in enumerate(problem.visits):
        stops[i] = _stop(visit, problem.weights)
    modes = {mode: i for i, mode in enumerate(sorted(problem.travel))}
    work = sum(visit.minutes for visit in problem.visits)
    hours = sum(caregiver.ends - caregiver.starts for caregiver in problem.caregivers)
    for j, caregiver in enumerate(problem.caregivers):
        share = work / hours * (caregiver.ends - caregiver.starts) if hours else 0.0
        crew[j] = _member(caregiver, modes[caregiver.mode], share, problem.weights)
    index = {visit.id: i for i, visit in enumerate(problem.visits)}
    relations = np.recarray(len(problem.relations), dtype=RELATION)
    for r, relation in enumerate(problem.relations):
        same = -1 if relation.same_caregiver is None else int(relation.same_caregiver)
        most = NEVER if relation.most is None else seconds(relation.most)
        relations[r] = (
            index[relation.first],
            index[relation.second],
            seconds(relation.least),
            most,
            same,
        )
    stops["group"] = _groups(n, relations)
    for side in ("first", "second"):
        stops["tied"][relations[side]] = 1
    room = max(4, min(n, 80))
    return Arrays(
        stops=stops,
        crew=crew,
        relations=relations,
        travel=np.stack([np.rint(problem.travel[m] * 60).astype(np.int32) for m in sorted(modes)]),
        fit=fit_of(problem),
        order=np.zeros((k, room), np.int32),
        length=np.zeros(k, np.int32),
        route_cost=np.zeros(k),
    )


def _stop(visit: Visit, weights: Weights) -> tuple[Any, ...]:
    fixed = visit.pinned_start
    opens = seconds(visit.earliest if fixed is None else fixed)
    closes = seconds(visit.latest if fixed is None else fixed)
    told = -1 if visit.announced_start is None else seconds(visit.announced_start)
    return (
        visit.place,
        visit.place if visit.end_place is None else visit.end_place,
        seconds(visit.minutes),
        opens,
        closes,
        0,
        opens,
        told,
        weights.late_minute / 60,
        weights.changed_start_minute / 60,
        weights.unserved * visit.priority,
        -1,
        visit.amount,
        0,
        visit.pinned_to is not None,
        visit.hard or fixed is not None,
        0,
    )


def _member(caregiver: Caregiver, mode: int, share: float, weights: Weights) -> tuple[Any, ...]:
    rests = sorted(caregiver.breaks, key=lambda b: b.earliest)
    padded = [(seconds(b.earliest), seconds(b.latest), seconds(b.minutes)) for b in rests]
    padded += [(NEVER, NEVER, 0)] * (2 - len(padded))
    fair = NEVER if caregiver.fair_travel is None else seconds(caregiver.fair_travel)
    earliest, latest, rest = zip(*padded, strict=True)
    return (
        caregiver.start_place,
        -1 if caregiver.end_place is None else caregiver.end_place,
        -1 if caregiver.refill_place is None else caregiver.refill_place,
        mode,
        -1 if caregiver.capacity is None else caregiver.capacity,
        caregiver.load,
        seconds(caregiver.starts),
        seconds(caregiver.ends),
        seconds(caregiver.most_overtime),
        seconds(caregiver.refill_minutes),
        seconds(share),
        fair,
        len(rests),
        earliest,
        latest,
        rest,
        weights.travel_minute / 60,
        weights.waiting_minute / 60,
        weights.overtime_minute / 60,
        weights.unfair_work_minute / 60,
        weights.unfair_travel_minute / 60,
        weights.caregiver_used,
    )


def may(visit: Visit, caregiver: Caregiver) -> bool:
    """Whether skills, wishes, vehicle, load and pins allow it."""
    return (
        visit.pinned_to in (None, caregiver.id)
        and visit.skills <= caregiver.skills
        and caregiver.id not in visit.forbidden
        and (visit.only is None or caregiver.id in visit.only)
        and (caregiver.capacity is None or visit.amount <= caregiver.capacity)
    )


def price(visit: Visit, caregiver: Caregiver, weights: Weights) -> float:
    """Points for giving the visit to this caregiver, wherever it falls in the day."""
    points = 0.0
    if visit.known and caregiver.id not in visit.known:
        points += weights.unfamiliar
    if visit.preferred and caregiver.id not in visit.preferred:
        points += weights.unused_preference
    if visit.announced_to not in (None, caregiver.id):
        points += weights.changed_caregiver
    return points


def fit_of(problem: Problem) -> NDArray[np.float64]:
    """(n, k) price or infinity."""
    fit = np.full((len(problem.visits), len(problem.caregivers)), np.inf)
    everybody = list(enumerate(problem.caregivers))
    alone = {caregiver.id: [(k, caregiver)] for k, caregiver in everybody}
    for i, visit in enumerate(problem.visits):
        for k, caregiver in everybody if visit.pinned_to is None else alone[visit.pinned_to]:
            if may(visit, caregiver):
                fit[i, k] = price(visit, caregiver, problem.weights)
    return fit


def _groups(n: int, relations: NDArray[Any]) -> NDArray[np.int32]:
    group = np.arange(n, dtype=np.int32)
    for _ in range(len(relations)):
        for relation in relations:
            low = min(group[relation["first"]], group[relation["second"]])
            group[relation["first"]] = group[relation["second"]] = low
    return group
