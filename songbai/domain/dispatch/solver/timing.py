"""Earliest starts, spread from the changed places only.

Both halves of a two-caregiver visit are timed as one unit. Places wait in a small pool and the
earliest is taken first, so nearly every unit is timed once. Each change goes into a journal that
can be taken back. A circle of waiting shows as times that never settle.
"""

import numpy as np

from songbai.domain.dispatch.solver.compiled import inlined, kernel
from songbai.domain.dispatch.solver.visits import MOVE, POOL, WAITING, WAS, WHO, WRITTEN

#: Result of ``spread`` when the move cannot be accepted.
HOPELESS = np.int64(1) << np.int64(60)


@inlined
def lateness(visits, v):
    """Ticks that ``v`` starts after its window."""
    late = visits[v].start - visits[v].closes
    return late if late > 0 else 0


@inlined
def ready(visits, travel, v):
    """Earliest start of ``v`` after the stop before it on the route."""
    p = visits[v].before
    there = visits[p].start + visits[p].minutes + travel[visits[p].place, visits[v].place]
    return there if there > visits[v].opens else visits[v].opens


@inlined
def retime(visits, paper, tally, v):
    """Put ``v`` (and with it its partner) among those to be timed again.

    Sentinels count as queued for ever, so they never enter.
    """
    if visits[v].queued == 0:
        visits[v].queued = 1
        paper[tally[WAITING], POOL] = v
        tally[WAITING] += 1


@kernel
def copy(to, of):
    """Copy a plan as bare words: far quicker than record by record."""
    for i in range(len(to)):
        to[i] = of[i]


@kernel
def earliest(visits, paper, tally):
    """Take the waiting visit with the earliest present start out of the pool."""
    last = tally[WAITING] - 1
    best = 0
    for i in range(1, last + 1):
        if visits[paper[i, POOL]].start < visits[paper[best, POOL]].start:
            best = i
    v = paper[best, POOL]
    tally[WAITING] = last
    paper[best, POOL] = paper[last, POOL]
    visits[v].queued = 0
    return v


@kernel
def drain(visits, paper, tally):
    """Forget who waits."""
    for i in range(tally[WAITING]):
        visits[paper[i, POOL]].queued = 0
    tally[WAITING] = 0


@kernel
def take_back(visits, paper, tally):
    """Undo the times written since the journal was opened."""
    for i in range(tally[WRITTEN] - 1, -1, -1):
        visits[paper[i, WHO]].start = paper[i, WAS]
    tally[WRITTEN] = 0


@kernel
def spread(visits, travel, paper, tally, total, worst, limit):
    """Time the waiting visits and all that depend on them.

    Args:
        total, worst: sum of lateness and worst lateness before the change, ticks.
        limit: the largest change of (sum + worst) that is still wanted.

    Returns:
        (change of the sum, worst lateness seen among changed visits, whether the visit that was
        worst before got better), or HOPELESS first when the change cannot stay within ``limit``
        or the routes wait for each other; times are then as they were.
    """
    tally[MOVE] += 1
    move = tally[MOVE]
    tally[WRITTEN] = 0
    change = np.int64(0)
    untouched = total
    seen = np.int64(0)
    eased = False
    steps = 0
    longest = 4 * len(visits) + 100
    while tally[WAITING] > 0:
        steps += 1
        v = earliest(visits, paper, tally)
        u = visits[v].partner
        start = np.int64(ready(visits, travel, v))
        if u >= 0 and visits[u].free == 0:
            other = np.int64(ready(visits, travel, u))
            if other < start + visits[v].least:
                other = start + visits[v].least
            if start < other - visits[v].most:
                start = other - visits[v].most
        else:
            u = -1
            other = np.int64(0)
        for half in range(2):
            w = v if half == 0 else u
            new = start if half == 0 else other
            if w < 0 or new == visits[w].start:
                continue
            old_late = lateness(visits, w)
            if visits[w].touched != move:
                visits[w].touched = move
                untouched -= old_late
                if old_late == worst and worst > 0:
                    eased = True
            if tally[WRITTEN] == len(paper):
                steps = longest + 1
                break
            paper[tally[WRITTEN], WHO] = w
            paper[tally[WRITTEN], WAS] = visits[w].start
            tally[WRITTEN] += 1
            visits[w].start = new
            late = lateness(visits, w)
            change += late - old_late
            seen = max(seen, late)
            retime(visits, paper, tally, visits[w].after)
        if change - untouched + max(seen, 0) - worst > limit or steps > longest:
            drain(visits, paper, tally)
            take_back(visits, paper, tally)
            return HOPELESS, seen, eased
    seen = np.int64(0)  # what was seen on the way may have been better in the end
    for i in range(tally[WRITTEN]):
        seen = max(seen, lateness(visits, paper[i, WHO]))
    return change, seen, eased


@kernel
def worst_of(visits):
    """The largest lateness of any placed service."""
    worst = np.int64(0)
    for v in range(len(visits)):
        if visits[v].free == 0:
            worst = max(worst, lateness(visits, v))
    return worst


@kernel
def lateness_of(visits):
    """The sum of lateness of all placed services."""
    total = np.int64(0)
    for v in range(len(visits)):
        if visits[v].free == 0:
            total += lateness(visits, v)
    return total


@kernel
def travel_of(visits, travel):
    """Travel of all caregivers: each stop on a ring to the next."""
    total = np.int64(0)
    for v in range(len(visits)):
        if visits[v].free == 0:
            total += travel[visits[v].place, visits[visits[v].after].place]
    return total


@kernel
def time_all(visits, travel, sentinels):
    """The earliest schedule from nothing, by relaxing until it settles; False in a circle."""
    for v in range(sentinels):
        visits[v].start = visits[v].opens
    for _ in range(sentinels + 2):
        moved = False
        for v in range(sentinels):
            if visits[v].free == 1:
                continue
            start = np.int64(ready(visits, travel, v))
            u = visits[v].partner
            if u >= 0 and visits[u].free == 0:
                start = max(start, visits[u].start + visits[u].least)
            if start > visits[v].start:
                visits[v].start = start
                moved = True
        if not moved:
            return True
    return False
