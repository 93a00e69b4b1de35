"""A child of two plans: the first with some neighbouring routes of the second.

What the taken routes serve leaves its place in the first plan; what the routes they replace served
is put back where it costs least. Annealing then mends the seams.
"""

from itertools import pairwise

import numpy as np

from songbai.domain.dispatch.solver.instance import Instance
from songbai.domain.dispatch.solver.ruin import ENDLESS, rebuild
from songbai.domain.dispatch.solver.timing import lateness_of, time_all, travel_of
from songbai.domain.dispatch.solver.visits import (
    LATE,
    TRAVEL,
    Day,
    Visits,
    Work,
    blank,
    routes_of,
    words_of,
)

Routes = list[list[int]]


def mix(
    instance: Instance,
    day: Day,
    work: Work,
    first: Visits,
    second: Visits,
    draw: np.random.Generator,
) -> bool:
    """Write a child into ``work.visits``; False when its routes would wait for each other.

    Args:
        first, second: the parents; most comes from the first.
        draw: chance; at most half of the routes are taken from the second.
    """
    taken = _some_routes(instance, day, second, draw)
    routes, missing = combined(instance, first, taken)
    plan = laid_out(instance, routes)
    if not time_all(plan, day.travel, instance.services):
        return False
    work.words[:] = words_of(plan)
    work.tally[TRAVEL] = travel_of(plan, day.travel)
    work.tally[LATE] = lateness_of(plan)
    work.removed[: len(missing)] = draw.permutation(np.array(missing, dtype=np.int64))
    return bool(
        rebuild(
            work.visits, day.able, day.travel, work.paper, work.tally, work.removed,
            len(missing), work.random, ENDLESS,
        )
    )  # fmt: skip


def _some_routes(instance: Instance, day: Day, plan: Visits, draw: np.random.Generator) -> Routes:
    """Routes of ``plan`` around a random service, at most half of those in use."""
    routes = routes_of(plan, instance.services)
    used = sum(1 for route in routes if route)
    wanted = int(draw.integers(1, max(2, used // 2 + 1)))
    chosen: dict[int, None] = {}
    for v in day.around[draw.integers(instance.services)]:
        chosen[int(plan["route"][v])] = None
        if len(chosen) == wanted:
            break
    return [list(routes[k]) for k in chosen]


def combined(instance: Instance, first: Visits, taken: Routes) -> tuple[Routes, list[int]]:
    """Routes of ``first`` with ``taken`` in place of the most similar; and who is served no more.

    A taken route goes to the caregiver who served most of it before and may serve all of it:
    caregivers with the same abilities often have changed places from one plan to another.
    """
    moved = {v for route in taken for v in route}
    routes = [[v for v in route if v not in moved] for route in routes_of(first, instance.services)]
    missing: list[int] = []
    heirs: set[int] = set()
    for route in taken:
        overlap = np.bincount(first["route"][route], minlength=instance.caregivers)
        fit = np.logical_and.reduce(instance.able[route], axis=0)
        fit[list(heirs)] = False
        if not fit.any():
            missing += route
            continue
        heir = int(np.argmax(np.where(fit, overlap, -1)))
        heirs.add(heir)
        missing += routes[heir]
        routes[heir] = route
    return routes, missing


def laid_out(instance: Instance, routes: Routes) -> Visits:
    """Records of these routes, not yet timed; what is on none of them is free."""
    plan = blank(instance)
    for k, route in enumerate(routes):
        sentinel = instance.services + k
        for a, b in pairwise([sentinel, *route, sentinel]):
            plan["after"][a] = b
            plan["before"][b] = a
        plan["route"][route] = k
        plan["free"][route] = 0
    return plan
