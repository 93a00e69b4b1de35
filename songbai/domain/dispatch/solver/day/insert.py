"""Exact prices of single changes: every trial is walked through with all its consequences."""

from dataclasses import dataclass

import numpy as np

from songbai.domain.dispatch.solver.day.arrays import Arrays
from songbai.domain.dispatch.solver.day.rebuild import (
    best_place,
    has_tied,
    place_in,
    price_everywhere,
    take_from,
)
from songbai.domain.dispatch.solver.day.walk import evaluate, walk

NOTHING = np.zeros(0, np.uint64)


@dataclass(frozen=True)
class Spot:
    """A place for a visit: caregiver and number on the route; the plan's cost with it there."""

    caregiver: int
    number: int
    cost: float


def cost_of(arrays: Arrays) -> tuple[float, int]:
    """(points, seconds of broken hard limits) of the plan in the arrays, from nothing."""
    points, broken = evaluate(arrays)
    return float(points), int(broken)


def spot_of(arrays: Arrays, v: int, caregiver: int = -1) -> Spot | None:
    """The cheapest sound place for a visit that is out; with its exact cost.

    One look by estimate; when the estimate's place turns out to break a limit through related
    visits, all numbers of the caregiver are tried.
    """
    k, at, _ = best_place(arrays, v, caregiver, NOTHING)
    if k < 0:
        return None
    cost, broken = try_spot(arrays, v, int(k), int(at))
    if broken == 0:
        return Spot(int(k), int(at), cost)
    return min(spots_of(arrays, v, int(k)), key=lambda spot: spot.cost, default=None)


def spots_of(arrays: Arrays, v: int, k: int) -> list[Spot]:
    """All sound places on one caregiver's route for a visit that is out, cheapest first."""
    if not np.isfinite(arrays.fit[v, k]) or arrays.length[k] >= arrays.order.shape[1]:
        return []
    tried = ((n, *try_spot(arrays, v, k, n)) for n in range(int(arrays.length[k]) + 1))
    found = [Spot(k, number, cost) for number, cost, broken in tried if broken == 0]
    return sorted(found, key=lambda spot: spot.cost)


def spots_everywhere(arrays: Arrays, v: int) -> dict[int, Spot]:
    """The cheapest sound place on every route for a visit that is out, by caregiver.

    ``Spot.cost`` is that of the whole plan. One walk of one route for each place where nobody with
    relatives is moved; every consequence is walked through elsewhere.
    """
    extra = np.empty(len(arrays.crew))
    number = np.empty(len(arrays.crew), np.int64)
    total, _ = cost_of(arrays)
    without = total - float(arrays.stops["unserved_price"][v])
    price_everywhere(arrays, v, extra, number)
    tied = bool(arrays.stops["tied"][v])
    found = {}
    for k in np.flatnonzero(np.isfinite(arrays.fit[v])).tolist():
        if tied or has_tied(arrays, k):
            spots = spots_of(arrays, v, k)
            if spots:
                found[k] = spots[0]
        elif number[k] >= 0:
            found[k] = Spot(k, int(number[k]), without + float(extra[k]))
    return found


def try_spot(arrays: Arrays, v: int, k: int, at: int) -> tuple[float, int]:
    """(points, broken) of the whole plan with ``v`` there; the plan is left as it was."""
    place_in(arrays, k, v, at)
    result = cost_of(arrays)
    take_from(arrays, v)
    cost_of(arrays)
    return result


def insert_cheapest(arrays: Arrays, v: int) -> bool:
    """Put a visit where it costs least; False when it fits nowhere."""
    spot = spot_of(arrays, v)
    if spot is None:
        return False
    place_in(arrays, spot.caregiver, v, spot.number)
    cost_of(arrays)
    return True


def drop_broken(arrays: Arrays) -> None:
    """Take visits (with their group) out until no hard limit is broken; pinned ones stay."""
    while True:
        _, broken = cost_of(arrays)
        if broken == 0:
            return
        groups = {
            int(g)
            for g, route in zip(arrays.stops["group"], arrays.stops["route"], strict=True)
            if route >= 0
        }
        suspects = _suspects(arrays) or groups
        movable = [
            g
            for g in groups & suspects
            if not arrays.stops["pinned"][arrays.stops["group"] == g].any()
        ]
        best: tuple[int, float, int] | None = None
        for group in sorted(movable):
            after = _without(arrays, group)
            if best is None or after < best[:2]:
                best = (*after, group)
        if best is None:
            return
        for v in np.flatnonzero(arrays.stops["group"] == best[2]):
            take_from(arrays, int(v))


def broken_routes(arrays: Arrays) -> list[int]:
    """Caregivers whose route alone breaks a limit."""
    stops, crew, _, travel, fit, order, length, _ = arrays
    walked = (
        walk(stops, crew, travel, fit, order, length, k, -1, 0, False) for k in range(len(crew))
    )
    return [k for k, (_, broken) in enumerate(walked) if broken]


def _suspects(arrays: Arrays) -> set[int]:
    """Groups with a visit on a route that breaks a limit."""
    found: set[int] = set()
    for k in broken_routes(arrays):
        found |= {int(g) for g in arrays.stops["group"][arrays.order[k, : arrays.length[k]]]}
    return found


def _without(arrays: Arrays, group: int) -> tuple[int, float]:
    order, length = arrays.order.copy(), arrays.length.copy()
    for v in np.flatnonzero(arrays.stops["group"] == group):
        if arrays.stops["route"][v] >= 0:
            take_from(arrays, int(v))
    cost, broken = cost_of(arrays)
    arrays.order[:], arrays.length[:] = order, length
    cost_of(arrays)
    return broken, cost
