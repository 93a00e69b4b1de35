"""Simulated annealing over the moves: one call makes a number of tries at one temperature."""

import numpy as np

from songbai.domain.dispatch.solver.chance import below, unit
from songbai.domain.dispatch.solver.compiled import inlined, kernel
from songbai.domain.dispatch.solver.moves import (
    cross,
    cross_back,
    exchange,
    exchange_back,
    exchange_travel,
    label,
    may_cross,
    may_exchange,
    retime_exchange,
    tails_travel,
)
from songbai.domain.dispatch.solver.timing import (
    HOPELESS,
    copy,
    retime,
    spread,
    take_back,
    worst_of,
)
from songbai.domain.dispatch.solver.visits import BEST, LATE, TRAVEL, WORST


@kernel
def judge(visits, travel, paper, tally, road_change, limit):
    """Time the changed routes; keep the new times and cost if the change is within ``limit``."""
    change, seen, eased = spread(
        visits, travel, paper, tally, tally[LATE], tally[WORST], limit - road_change
    )
    if change == HOPELESS:
        return False
    worst = max(tally[WORST], seen)
    if eased and seen < tally[WORST]:
        if road_change + change + seen - tally[WORST] > limit:
            take_back(visits, paper, tally)
            return False
        worst = worst_of(visits)
    if road_change + change + worst - tally[WORST] > limit:
        take_back(visits, paper, tally)
        return False
    tally[TRAVEL] += road_change
    tally[LATE] += change
    tally[WORST] = worst
    return True


@inlined
def segment_end(visits, v, length, sentinels):
    """The last of up to ``length`` visits from ``v`` on."""
    e = np.int64(v)
    for _ in range(length - 1):
        if visits[e].after < sentinels:
            e = np.int64(visits[e].after)
    return e


@kernel
def holds(visits, first, last, low, high):
    """Whether the segment first..last holds ``low`` or ``high``."""
    x = np.int64(first)
    while x != low and x != high:
        if x == last:
            return False
        x = np.int64(visits[x].after)
    return True


@kernel
def try_exchange(visits, able, travel, paper, tally, limit, v, w, la, lb):
    """Move up to ``la`` visits from ``v`` on after ``w``, ``lb`` of those there to their place."""
    sentinels = able.shape[0]
    e = segment_end(visits, v, la, sentinels)
    p, q = np.int64(visits[v].before), np.int64(visits[e].after)
    same = visits[w].route == visits[v].route
    b, bl = np.int64(-1), np.int64(-1)
    if lb > 0 and visits[w].after < sentinels:
        b = np.int64(visits[w].after)
        bl = segment_end(visits, b, lb, sentinels)
    if w == p or (same and holds(visits, v, e, w, w)):
        return False
    if b >= 0 and same and (holds(visits, b, bl, v, p) or holds(visits, b, bl, q, q)):
        return False
    c = np.int64(visits[w].after) if b < 0 else np.int64(visits[bl].after)
    road_change = exchange_travel(visits, travel, v, e, w, b, bl)
    if road_change - tally[LATE] - tally[WORST] > limit:
        return False
    here, there = np.int64(visits[v].route), np.int64(visits[w].route)
    if not may_exchange(visits, able, v, e, w, b, bl):
        return False
    exchange(visits, v, e, w, b, bl)
    retime_exchange(visits, paper, tally, v, q, b, c)
    if judge(visits, travel, paper, tally, road_change, limit):
        return True
    exchange_back(visits, p, v, e, q, w, b, bl, c)
    label(visits, v, e, here)
    if b >= 0:
        label(visits, b, bl, there)
    return False


@kernel
def try_cross(visits, able, travel, paper, tally, limit, v, w):
    """Exchange the tail from ``v`` on with the tail after ``w``."""
    sentinels = able.shape[0]
    here, there = np.int64(visits[v].route), np.int64(visits[w].route)
    if here == there:
        return False
    road_change = tails_travel(visits, travel, v, w)
    if road_change - tally[LATE] - tally[WORST] > limit:
        return False
    a, b = np.int64(visits[v].before), np.int64(visits[w].after)
    last = np.int64(visits[sentinels + here].before)
    bl = np.int64(visits[sentinels + there].before)
    if not may_cross(visits, able, v, w, sentinels):
        return False
    cross(visits, v, w, here, there, sentinels)
    retime(visits, paper, tally, v)
    retime(visits, paper, tally, b)
    if judge(visits, travel, paper, tally, road_change, limit):
        return True
    cross_back(visits, a, v, last, w, b, bl, here, there, sentinels)
    return False


@kernel
def try_pair(visits, able, travel, paper, tally, limit, v, w, u, x):
    """Move ``v`` after ``w`` and its partner ``u`` after ``x``."""
    if w == u or w == v or x == u or x == v:  # noqa: SIM109 - tuples are slow to compile
        return False
    rv, ru = np.int64(visits[w].route), np.int64(visits[x].route)
    if rv == ru or not able[v, rv] or not able[u, ru]:
        return False
    pv, qv = np.int64(visits[v].before), np.int64(visits[v].after)
    old_v, old_u = np.int64(visits[v].route), np.int64(visits[u].route)
    if w == pv or x == visits[u].before:
        return False
    road_change = exchange_travel(visits, travel, v, v, w, -1, -1)
    cv = np.int64(visits[w].after)
    exchange(visits, v, v, w, -1, -1)
    visits[v].route = rv
    pu, qu = np.int64(visits[u].before), np.int64(visits[u].after)
    cu = np.int64(visits[x].after)
    road_change += exchange_travel(visits, travel, u, u, x, -1, -1) if x != pu else 0
    if x == pu or road_change - tally[LATE] - tally[WORST] > limit:
        exchange_back(visits, pv, v, v, qv, w, -1, -1, cv)
        visits[v].route = old_v
        return False
    exchange(visits, u, u, x, -1, -1)
    visits[u].route = ru
    retime_exchange(visits, paper, tally, v, qv, -1, cv)
    retime_exchange(visits, paper, tally, u, qu, -1, cu)
    if judge(visits, travel, paper, tally, road_change, limit):
        return True
    exchange_back(visits, pu, u, u, qu, x, -1, -1, cu)
    exchange_back(visits, pv, v, v, qv, w, -1, -1, cv)
    visits[v].route = old_v
    visits[u].route = old_u
    return False


@inlined
def before_of(able, nearby, random, v):
    """Where to put ``v``: after a near stop, or now and then at the beginning of some route."""
    if below(random, 16) == 0:
        return np.int64(able.shape[0] + below(random, able.shape[1]))
    draw = unit(random)
    return np.int64(nearby[v, np.int64(draw * draw * nearby.shape[1])])


@kernel
def anneal(day, work, tries, heat):
    """Make ``tries`` tries at temperature ``heat`` (ticks); returns how many were accepted."""
    able, travel, nearby = day.able, day.travel, day.nearby
    visits, paper, tally, random = work.visits, work.paper, work.tally, work.random
    accepted = 0
    for _ in range(tries):
        limit = np.int64(-heat * np.log(unit(random) + 1e-300))
        v = below(random, len(able))
        w = before_of(able, nearby, random, v)
        u = np.int64(visits[v].partner)
        kind = below(random, 100)
        if kind < 65:
            la, lb = 1, 0
            if kind >= 30:
                la, lb = 1, 1
            if kind >= 50:
                la, lb = 1 + below(random, 3), below(random, 4)
            done = try_exchange(visits, able, travel, paper, tally, limit, v, w, la, lb)
        elif kind < 90 or u < 0:
            done = try_cross(visits, able, travel, paper, tally, limit, v, w)
        else:
            x = before_of(able, nearby, random, u)
            done = try_pair(visits, able, travel, paper, tally, limit, v, w, u, x)
        if not done:
            continue
        accepted += 1
        value = tally[TRAVEL] + tally[LATE] + tally[WORST]
        if value < tally[BEST]:
            tally[BEST] = value
            copy(work.best, work.words)
    return accepted
