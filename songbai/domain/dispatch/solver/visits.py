"""The working form of a plan: one record per service and one sentinel per caregiver.

Service ``v`` is record ``v``; caregiver ``k`` has the sentinel ``n + k``, which closes its route
into a ring: the sentinel's ``after`` is the first visit, its ``before`` the last. One record fills
one cache line.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from songbai.domain.dispatch.solver.chance import seeded
from songbai.domain.dispatch.solver.instance import Instance
from songbai.domain.dispatch.solver.nearby import around, nearby, rivals

VISIT = np.dtype(
    [
        ("before", np.int32),  # neighbours on the route
        ("after", np.int32),
        ("route", np.int32),  # caregiver
        ("partner", np.int32),  # other half of a two-caregiver visit, or -1
        ("place", np.int32),  # row of the travel matrix
        ("start", np.int32),  # earliest start with the present routes, ticks
        ("minutes", np.int32),  # duration, ticks
        ("opens", np.int32),
        ("closes", np.int32),
        ("least", np.int32),  # the partner starts so much later, at least and at most
        ("most", np.int32),
        ("queued", np.int32),  # waits to be timed again
        ("touched", np.int32),  # number of the last move that changed its time
        ("free", np.int32),  # not on any route
        ("order", np.int32),  # when it is put back
        ("unused", np.int32),
    ],
    align=True,
)
Visits = NDArray[Any]
#: The same memory as bare 64-bit words, to copy a plan quickly.
Words = NDArray[np.int64]

#: Slots of ``Work.tally``: travel, sum of lateness, worst lateness, best sum of the three so far;
#: how many wait to be timed, how many journal rows are written, number of the present move.
TRAVEL, LATE, WORST, BEST, WAITING, WRITTEN, MOVE = range(7)
#: Columns of ``Work.paper``: who waits to be timed; the journal's visit and its time before.
POOL, WHO, WAS = range(3)
#: How many near services are considered to come before one.
NEARBY = 40


class Day(NamedTuple):
    """What never changes during a search."""

    able: NDArray[np.bool_]  # (n, k)
    travel: NDArray[np.int32]  # (places, places), ticks
    nearby: NDArray[np.int32]  # (n, NEARBY) who may well come before
    around: NDArray[np.int32]  # (n, n) surroundings, nearest first
    rivals: NDArray[np.int32]  # (n, n) who wants the same caregivers at the same time


class Work(NamedTuple):
    """What one search writes: its plan, its best plan, and scratch space.

    Kernels that run millions of times take single arrays: a tuple of arrays is copied at each call.
    """

    visits: Visits
    words: Words  # ``visits`` in another form
    current: Words  # the accepted plan while ruin and recreate works on ``visits``
    best: Words
    tally: NDArray[np.int64]
    paper: NDArray[np.int64]  # (rows, 3)
    removed: NDArray[np.int64]
    ruined: NDArray[np.int8]  # (k,) routes that lost a string
    random: NDArray[np.uint64]


def day_of(instance: Instance) -> Day:
    """The fixed arrays of an instance."""
    size = min(NEARBY, instance.services)
    return Day(
        instance.able,
        instance.travel,
        nearby(instance, size),
        around(instance),
        rivals(instance),
    )


def work_of(instance: Instance, seed: int) -> Work:
    """Empty routes and fresh scratch space."""
    n = instance.services
    visits = blank(instance)
    words = words_of(visits)
    return Work(
        visits=visits,
        words=words,
        current=words.copy(),
        best=words.copy(),
        tally=np.zeros(7, np.int64),
        paper=np.zeros((8 * n + 200, 3), np.int64),
        removed=np.zeros(n, np.int64),
        ruined=np.zeros(instance.caregivers, np.int8),
        random=seeded(seed),
    )


def blank(instance: Instance) -> Visits:
    """Records of an instance with empty routes; every service is free."""
    n, k = instance.services, instance.caregivers
    visits = np.recarray(n + k, dtype=VISIT)
    visits.fill(0)
    for name in ("opens", "closes", "minutes", "partner", "least", "most"):
        visits[name][:n] = getattr(instance, name)
    visits["place"][:n] = instance.patient + 1
    visits["free"][:n] = 1
    visits["route"][:n] = -1
    visits["partner"][n:] = -1
    visits["route"][n:] = np.arange(k)
    visits["queued"][n:] = 1  # a sentinel is never timed
    for side in ("before", "after"):
        visits[side][:n] = -1
        visits[side][n:] = np.arange(n, n + k)
    return visits


def words_of(visits: Visits) -> Words:
    """The records as bare words, without a copy."""
    return visits.view(np.ndarray).view(np.int64)


def as_visits(words: Words) -> Visits:
    """Bare words as records, without a copy."""
    return words.view(VISIT).view(np.recarray)


def routes_of(visits: Visits, services: int) -> tuple[tuple[int, ...], ...]:
    """The routes as tuples of service indices, in driving order."""
    after = visits["after"]
    routes = []
    for sentinel in range(services, len(visits)):
        route, v = [], int(after[sentinel])
        while v != sentinel:
            route.append(v)
            v = int(after[v])
        routes.append(tuple(route))
    return tuple(routes)
